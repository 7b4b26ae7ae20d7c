// Starts the emulator on 127.0.0.1 at the port in GCAL_PORT with the data in GCAL_SEED, says so on a line of its own, and ends
// when its standard input does.
import net from "node:net";

// This version of the emulator listens on every interface and cannot be told otherwise.
const { listen } = net.Server.prototype;
net.Server.prototype.listen = function (port, ...rest) {
  const others = rest.filter((argument) => typeof argument !== "string");
  return listen.call(this, port, "127.0.0.1", ...others);
};

const { createEmulator } = await import("emulate");
const port = Number(process.env.GCAL_PORT);
const emulator = await createEmulator({ service: "google", port, seed: JSON.parse(process.env.GCAL_SEED) });

// It says that it runs before it listens.
const ready = async () => {
  try {
    return (await fetch(`http://127.0.0.1:${port}/oauth2/v3/certs`)).ok;
  } catch {
    return false;
  }
};
const deadline = Date.now() + 10_000;
while (!(await ready())) {
  if (Date.now() > deadline) throw new Error("the emulator does not answer");
  await new Promise((resolve) => setTimeout(resolve, 20));
}
console.log("ready");

process.stdin.resume();
process.stdin.on("end", async () => {
  await emulator.close();
  process.exit(0);
});
