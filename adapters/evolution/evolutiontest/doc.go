// Package evolutiontest gives tests an Evolution API server of their own, which behaves as version 2.3.6 was seen to: [Start]
// starts it, [Server.Fault] has it fail as servers do, and [Server.Write] has a patient write, of which it tells the webhook
// that was set, with its retries.
//
// It keeps what it was told to send, also when it then answered that it failed. Nothing leaves the machine.
package evolutiontest
