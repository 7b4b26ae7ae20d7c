// A patient to try the agent with, in text: joins a room, says the texts one after the other, and prints what is answered.
//
//   node patient.js URL TOKEN TEXT...     with the url and the token that POST /v1/rooms/{id}/tokens answers

import { setTimeout as sleep } from 'node:timers/promises';

process.env.NODE_ENV ??= 'production'; // or else the library tells how it is doing
const { Room, dispose } = await import('@livekit/rtc-node');

const [url, token, ...texts] = process.argv.slice(2);
const PATIENCE = 15_000; // ms, for an answer

const room = new Room();
let answered = () => {};
const nextAnswer = () => Promise.race([new Promise((resolve) => (answered = resolve)), sleep(PATIENCE)]);

room.registerTextStreamHandler('lk.transcription', async (stream, { identity }) => {
  console.log(`${identity}: ${await stream.readAll()}`);
  answered();
});

let answer = nextAnswer();
await room.connect(url, token, { autoSubscribe: true });
await answer; // the greeting, if there is an agent
for (const text of texts) {
  console.log(`> ${text}`);
  answer = nextAnswer();
  await room.localParticipant.sendText(text, { topic: 'lk.chat' });
  await answer;
}
await room.disconnect();
await dispose();
process.exit(0); // a pause may be running still
