// An AI agent for the rooms of secretary. README.md says how to run it. This file is read by two kinds of process: the worker,
// which registers with LiveKit and takes jobs, and one process for each job, which is the agent in a room.

import { fileURLToPath } from 'node:url';

import { ServerOptions, cli, defineAgent, log, voice } from '@livekit/agents';
import { ParticipantKind, RoomEvent } from '@livekit/rtc-node';

import { ScriptedLLM, suggestionFor } from './model.js';
import { Secretary } from './secretary.js';

const env = process.env;
const MAX_JOBS = Number(env.AGENT_MAX_JOBS) || 8;
const DRAIN_SECONDS = Number(env.AGENT_DRAIN_SECONDS) || 5;
const HEALTH_PORT = Number(env.AGENT_HEALTH_PORT) || 8081;

/** Decides about a job, in the worker. When no worker takes it nobody comes, and LiveKit tells nobody. */
async function accept(request) {
  let identity;
  try {
    ({ identity } = JSON.parse(request.job.metadata));
  } catch {
    // The SDK would log the whole job if this threw, and with it the token.
  }
  if (!identity) {
    log().error({ job: request.id }, 'the job is not from secretary');
    return request.reject();
  }
  // Under this identity secretary knows who has joined.
  return request.accept('Assistente', identity);
}

/** The agent in its room. */
async function entry(ctx) {
  const logger = log();
  const job = JSON.parse(ctx.job.metadata);
  const secretary = new Secretary(job, logger);
  const model = new ScriptedLLM();
  const session = new voice.AgentSession({ llm: model });

  // Runs whatever ends the job: the room, the person, the worker, an error below.
  ctx.addShutdownCallback(() => secretary.finish(session.usage));
  // Without its worker, killed, this process would hang about, and then end without the callback.
  process.once('disconnect', () => ctx.shutdown('the worker is gone'));

  // First of all: secretary gives up on an agent that does not join in time.
  await ctx.connect();
  const [instructions] = await Promise.all([secretary.instructions(), secretary.startUsage(model)]);

  const converse = async (person) => {
    session.on(voice.AgentSessionEventTypes.ConversationItemAdded, ({ item }) => tell(secretary, item, person));
    session.on(voice.AgentSessionEventTypes.SessionUsageUpdated, ({ usage }) => secretary.report(usage));
    // The session closes when the person leaves. The job would go on, alone in the room, and its process for ever.
    session.on(voice.AgentSessionEventTypes.Close, ({ reason }) => ctx.shutdown(reason));
    await session.start({
      agent: new voice.Agent({ instructions }),
      room: ctx.room,
      // Text only: what is said is on the topic lk.chat, what is answered on lk.transcription. For voice, give the session
      // an stt, a vad and a tts, and leave audioEnabled out.
      inputOptions: { participantIdentity: person.identity, audioEnabled: false },
      outputOptions: { audioEnabled: false },
    });
    session.generateReply({ instructions: 'Greet the person who has just come.' });
  };
  // Nobody waits for this: a job that is told to end waits for its entry, and nobody may ever come.
  firstClient(ctx.room)
    .then(converse)
    .catch((error) => {
      logger.error(`the conversation failed: ${error.message}`);
      ctx.shutdown('failed');
    });
}

/** The first person in the room, or to come, who is not the professional. Secretary's join tokens say who is what. */
function firstClient(room) {
  const isClient = ({ kind, attributes }) =>
    [ParticipantKind.STANDARD, ParticipantKind.SIP].includes(kind) && attributes.role !== 'professional';
  const there = [...room.remoteParticipants.values()].find(isClient);
  if (there) return Promise.resolve(there);
  return new Promise((resolve) => {
    room.on(RoomEvent.ParticipantConnected, (participant) => {
      if (isClient(participant)) resolve(participant);
    });
  });
}

/** Tells secretary what was said by the person, or by the agent. */
function tell(secretary, item, person) {
  const text = item.type === 'message' && item.textContent;
  if (!text) return;
  if (item.role === 'assistant') {
    secretary.event('answer', { text, interrupted: item.interrupted });
  } else if (item.role === 'user') {
    secretary.event('transcript', { text, identity: person.identity });
    const suggestion = suggestionFor(text);
    if (suggestion) secretary.event('suggestion', { text: suggestion });
  }
}

export default defineAgent({ entry });

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  cli.runApp(
    new ServerOptions({
      agent: fileURLToPath(import.meta.url),
      agentName: env.AGENT_NAME || 'secretary', // without a name LiveKit would send it into every room
      requestFunc: accept,
      // By default a worker is full when the machine's processors are busy, whoever keeps them so, and then LiveKit passes it
      // over without a word.
      loadFunc: async (server) => server.activeJobs.length / MAX_JOBS,
      loadThreshold: 1,
      numIdleProcesses: 1, // one that is ready saves seconds; with none, finished jobs would be counted as active
      drainTimeout: DRAIN_SECONDS * 1000, // for jobs under way when the worker is told to end
      shutdownProcessTimeout: 40_000, // for the last that a job has to tell secretary
      host: '127.0.0.1', // of the health check: all addresses by default
      port: HEALTH_PORT,
    }),
  );
}
