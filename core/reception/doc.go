// Package reception is the front desk's conversation with one patient, as a pure state machine: what a message means
// ([Meaning]), which professional is meant, what is still to be asked, and when a visit may be booked.
//
// A [Conversation] never does anything itself. [Conversation.Hear] takes a meaning and answers what to say and, when
// something has to be looked up or written, an [Action]; whoever runs the conversation does it and tells the result,
// until there is no action left. So every rule of the front desk can be tested without a clock, a store or a network,
// and what a patient writes can never reach further than an action that the machine itself has chosen.
package reception
