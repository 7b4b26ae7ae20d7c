// The part of secretary's API that an agent may use with the token of its room.

import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

const REQUEST_TIMEOUT = 10_000; // ms, of one attempt
const PATIENCE = 30_000; // ms for which a request is tried again: secretary may be restarting
const FIRST_PAUSE = 250; // ms; each pause is twice the one before, up to the longest
const LONGEST_PAUSE = 5_000;

/** An answer that is not success. Trying again would not help. */
export class Refused extends Error {
  constructor(status, problem) {
    super(`secretary answered ${status} ${problem.code ?? ''}: ${problem.detail ?? 'no detail'}`);
    this.status = status;
    this.code = problem.code;
  }
}

/**
 * One agent in one room, as the metadata of its job names them. Events and reports are sent one after the other, in the
 * background: a conversation does not wait for them.
 */
export class Secretary {
  #job;
  #log;
  #usage; // the id of the usage session, once it has started
  #sending = Promise.resolve();
  #deadline = Infinity;

  constructor(job, log) {
    this.#job = job;
    this.#log = log;
  }

  /** What the agent is told, as text. It comes with the job, unless it is large. */
  async instructions() {
    if (this.#job.instructions_text !== undefined) return this.#job.instructions_text;
    const { text } = await this.#call('GET', `/v1/rooms/${this.#job.room_id}/instructions`);
    return text;
  }

  /** Starts to meter. It is Refused when the room is closed, or when a budget is used up. */
  async startUsage({ provider, model }) {
    const session = { participant_id: this.#job.participant_id, provider, model };
    const { id } = await this.#call('POST', `/v1/rooms/${this.#job.room_id}/usage`, session);
    this.#usage = id;
  }

  /** Hands in session.usage as it is. Its figures are totals: sending it again, or an older one late, does no harm. */
  report(usage) {
    this.#later(() => this.#report(usage));
  }

  /** Appends an agent session event, such as ('transcript', { text }). */
  event(name, data) {
    this.#later(() => this.#call('POST', `/v1/rooms/${this.#job.room_id}/agent-events`, { name, data }));
  }

  /** Sends what is left, hands in the last totals, and ends the usage session. It takes PATIENCE at most. */
  async finish(usage) {
    this.#deadline = Date.now() + PATIENCE;
    await this.#sending;
    if (this.#usage === undefined) return;
    if (usage?.modelUsage.length > 0) await this.#report(usage);
    await this.#call('POST', `/v1/usage/${this.#usage}/end`);
  }

  #report(usage) {
    return this.#call('POST', `/v1/usage/${this.#usage}/reports`, usage);
  }

  #later(send) {
    this.#sending = this.#sending.then(send).catch((error) => this.#log.error(`not sent: ${error.message}`));
  }

  /**
   * Tries until there is an answer. A POST has a key by which secretary knows it again, so that one whose answer was lost
   * has no second effect.
   */
  async #call(method, path, body) {
    const headers = { authorization: `Bearer ${this.#job.token}` };
    if (method === 'POST') headers['idempotency-key'] = randomUUID();
    if (body !== undefined) headers['content-type'] = 'application/json';
    const request = { method, headers, body: body && JSON.stringify(body) };
    const deadline = Date.now() + PATIENCE;

    for (let pause = FIRST_PAUSE; ; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
      const { answer, failure, wait } = await attempt(this.#job.secretary_url + path, request);
      if (!failure) return answer;
      const next = wait ?? pause * (0.5 + Math.random() / 2);
      if (failure instanceof Refused || Date.now() + next > Math.min(deadline, this.#deadline)) {
        throw new Error(`${method} ${path}: ${failure.message}`, { cause: failure });
      }
      await sleep(next);
    }
  }
}

/** Sends a request once. A failure that is not Refused may be cured by sending it again, after wait ms if that is given. */
async function attempt(url, request) {
  try {
    const response = await fetch(url, { ...request, signal: AbortSignal.timeout(REQUEST_TIMEOUT) });
    const text = await response.text();
    if (response.ok) return { answer: text && JSON.parse(text) };

    const refused = new Refused(response.status, problemOf(text));
    const again = response.status >= 500 || response.status === 429 || refused.code === 'idempotency-key-in-flight';
    if (!again) return { failure: refused };
    const wait = 1000 * Number(response.headers.get('retry-after')) || undefined;
    return { failure: new Error(refused.message), wait };
  } catch (error) {
    return { failure: new Error(`secretary cannot be reached: ${error.cause?.code ?? error.message}`) };
  }
}

function problemOf(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {}; // a proxy's page
  }
}
