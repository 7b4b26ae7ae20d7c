// Package evolution talks WhatsApp through an Evolution API server, version 2: [Decoder] reads what its webhooks post and
// [Messenger] sends texts through it, sets up its webhooks and asks it what was missed.
//
// Two things about that server shape this package. The shapes of its events vary with its version, its channel and the
// patient's telephone, so the decoder types as little as it can and drops what it does not know instead of failing. And
// its send call has no idempotency key: a send whose answer was lost may have reached the patient, so the messenger never
// sends anything twice, and says with the code [ports.CodeSendUncertain] when it cannot know.
package evolution
