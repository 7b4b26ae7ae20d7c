// Package agenda is the calendar side of the front desk: the clinic's configuration, the professionals who see patients
// there with their hours and their own calendar, the services each of them offers, when a visit may start, and the
// appointments.
//
// One idea carries it: the list of free slots and the writer of an appointment ask the same function ([Query.Slots] and
// [Query.Accepts]), so what is offered is accepted and what is not offered is refused.
package agenda
