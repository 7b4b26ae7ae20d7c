// Package openai is language models behind OpenAI's chat API, or a server that speaks the same: one POST to
// /chat/completions with structured output. It implements ports.LanguageModel and knows nothing of patients; what is asked,
// and what of the answer counts, is core/reception/assisted's.
//
// A clinic's patients wait while it calls. So a call has a short timeout and is not repeated, unless no connection came about;
// only so many go on at once; and when several in a row failed, a breaker lets none through for a while, which costs nobody
// any time.
package openai
