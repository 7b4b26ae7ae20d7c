// Package assisted is how a language model helps to understand a patient: when it is asked ([Wanted]), what it is told
// ([Prompt], [Message]), what of its answer counts ([Read]), and how that joins what was understood without it
// ([Combine]). All of it is pure; whoever uses it makes the call.
//
// The model is a reader of one message, never an authority. It sees what the clinic tells everybody and the message, in
// which telephones, documents, dates of birth and addresses are hidden ([Mask]). Its answer names people and services in
// words, which are looked up as a patient's are: it cannot choose an id, a calendar, a price or a slot, and a "yes" of its
// own writes nothing. What only has to be certain, such as an emergency or an opt-out, is understood without it; it may
// raise an alarm, and never end one.
package assisted
