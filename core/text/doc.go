// Package text compares what people type: without case and accents, word by word, forgiving a slip of the finger.
//
// Names, specialities and services are looked up with it, wherever the look-up runs. So the rules are few and plain enough
// to be told in SQL as well: fold, cut into words, then equal or one of few edits apart.
package text
