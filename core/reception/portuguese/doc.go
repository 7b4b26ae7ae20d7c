// Package portuguese understands what Brazilian patients write, without a network, a model or a clock: the same message
// in the same context always has the same meaning.
//
// A message is cut into tokens (token.go): folded words, with the abbreviations of chats written out and typos of the
// words that matter corrected (vocabulary.go). Then readers look at the tokens, each for one thing: who and what is meant
// (reference.go, name.go, offer.go), days and hours (date.go, weekday.go, hour.go), the patient's data (patient.go), what
// the patient wants (intent.go), signs of an emergency (emergency.go), and an answer to what was asked (answer.go). A
// token that one reader has understood is marked, so that "segunda" is a day and no second option. [Understand] puts the
// findings together.
//
// What people say is listed, not programmed: the phrases of intent_visit.go, intent_question.go, intent_talk.go and
// emergency.go are written in a small language (phrase.go). To teach the front desk a new way of asking, add a line there
// and an example to the tests. Where phrases only guess or are silent, a small classifier decides (decide.go) that was trained
// from the messages in internal/examples; after a change of rules or examples, go generate trains it anew, because it also
// learns what the rules find. internal/measure tells how well all this does. Phrases are not tied to a clinic; names,
// services and keywords come from its directory.
package portuguese
