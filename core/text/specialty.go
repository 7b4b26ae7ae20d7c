package text

import "strings"

// Specialty is a medical speciality, or a health profession, that a text names.
type Specialty struct {
	Key        string // the same for every way of naming it: "cardiolog" for "cardiologista", "cardiologia", "cardio"
	Start, End int    // which words name it
}

// maxPhrase is how many words the longest phrase of the vocabulary has.
const maxPhrase = 3

// Specialties finds the specialities that words name, typos included. words are folded, as [Words] returns them.
func Specialties(words []string) []Specialty {
	var found []Specialty
	for i := 0; i < len(words); i++ {
		key, n := specialtyPhrase(words[i:])
		if n == 0 {
			key, n = specialtyWord(words[i]), 1
		}
		if key != "" {
			found = append(found, Specialty{Key: key, Start: i, End: i + n})
			i += n - 1
		}
	}
	return found
}

// specialtyPhrase reads a speciality of several words from the start; n is how many, 0 when there is none.
func specialtyPhrase(words []string) (key string, n int) {
	l := specialties()
	if !l.heads[words[0]] {
		return "", 0
	}
	for n = min(len(words), maxPhrase); n > 1; n-- {
		if key, ok := l.phrases[strings.Join(words[:n], " ")]; ok {
			return key, n
		}
	}
	return "", 0
}

// specialtyWord is the speciality that one word names, "" when none.
func specialtyWord(word string) string {
	l := specialties()
	if key, ok := l.keys[word]; ok {
		return key
	}
	stem, ending := l.stem(word)
	if key, ok := l.keys[stem]; ok && ending != "" {
		return key
	}
	// A speciality nobody thought of here is still recognised by its ending.
	if len(stem) > 7 && (ending == "logista" || ending == "iatra" || ending == "iatria") {
		if key := l.misspelt(word); key != "" {
			return key
		}
		return stem
	}
	if len(word) < 7 {
		return ""
	}
	return l.misspelt(word)
}

// stem cuts what varies in the name of a speciality. ending is what was cut, in the singular.
func (l *lexicon) stem(word string) (stem, ending string) {
	singular := strings.TrimSuffix(word, "s")
	for _, term := range l.endings {
		if before, ok := strings.CutSuffix(singular, term.Name); ok && len(before) > 1 {
			return before + term.Key, term.Name
		}
	}
	return word, ""
}

// misspelt is the speciality that a word is probably meant to name.
func (l *lexicon) misspelt(word string) string {
	if !isASCII(word) {
		return ""
	}
	best, key := 3, ""
	for _, form := range l.forms[word[0]] {
		limit := min(best-1, typos(min(len(form.name), len(word))))
		if limit < 1 {
			continue
		}
		if d := Distance(word, form.name, limit); d <= limit {
			best, key = d, form.key
		}
	}
	return key
}
