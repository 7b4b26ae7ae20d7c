// A scripted model, in the place of a real one: it answers by keywords, at once, and costs nothing. To use a real model, make
// the session's llm of a plugin instead, such as `new openai.LLM({ model: 'gpt-4o-mini' })` of @livekit/agents-plugin-openai.

import { DEFAULT_API_CONNECT_OPTIONS, llm } from '@livekit/agents';

const GREETING = 'Olá! Sou a assistente virtual da clínica. Como posso ajudar?';

// What is looked for in a person's words, what the agent answers, and what it suggests to the professional.
const SCRIPT = [
  {
    words: /\b(dor|dói|doendo)\b/i,
    answer: 'Sinto muito. Há quanto tempo dói, e quando piora?',
    suggestion: 'Pergunte pela duração, pela intensidade e pelo que alivia a dor.',
  },
  { words: /hor[áa]rio|agenda|marcar|consulta/i, answer: 'Claro. Prefere de manhã ou à tarde?' },
  { words: /obrigad/i, answer: 'Por nada! Até logo.' },
];
const OTHERWISE = 'Entendi, e vou avisar a equipe. Algo mais?';

const lineFor = (text) => SCRIPT.find((line) => line.words.test(text));

/** What the professional should know when a person says this; undefined when there is nothing. */
export const suggestionFor = (text) => lineFor(text)?.suggestion;

export class ScriptedLLM extends llm.LLM {
  // Secretary prices what is consumed by these two names.
  get provider() {
    return 'scripted';
  }

  get model() {
    return 'scripted-1';
  }

  label() {
    return 'scripted.LLM';
  }

  chat({ chatCtx, toolCtx, connOptions = DEFAULT_API_CONNECT_OPTIONS }) {
    return new ScriptedStream(this, { chatCtx, toolCtx, connOptions });
  }
}

class ScriptedStream extends llm.LLMStream {
  async run() {
    const messages = this.chatCtx.items.filter((item) => item.type === 'message');
    const said = messages.findLast((message) => message.role === 'user');
    const content = said ? (lineFor(said.textContent ?? '')?.answer ?? OTHERWISE) : GREETING;

    // Here a word is a token. A real model is sent the instructions and the whole conversation every time, too.
    const promptTokens = messages.reduce((sum, message) => sum + wordsIn(message.textContent), 0);
    const completionTokens = wordsIn(content);
    this.queue.put({ id: 'scripted', delta: { role: 'assistant', content } });
    this.queue.put({
      id: 'scripted',
      usage: { promptTokens, completionTokens, promptCachedTokens: 0, totalTokens: promptTokens + completionTokens },
    });
  }
}

const wordsIn = (text) => text?.match(/\S+/g)?.length ?? 0;
