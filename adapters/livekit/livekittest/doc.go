// Package livekittest gives tests a LiveKit of their own: [Start] starts a server, which they may hang and kill, [Server.Join]
// puts people into its rooms, and [StartWorker] registers an agent with it, which comes, refuses or crashes as it is told to.
//
// The server is the real one, of the program that the environment variable SECRETARY_TEST_LIVEKIT_SERVER names; `make test`
// builds it once and sets that. Without it tests are skipped. Media go over UDP on this machine's addresses: it needs no
// network, and one address beside 127.0.0.1.
package livekittest
