package portuguese

import (
	"slices"
	"unicode/utf8"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/reception"
	"github.com/secretary-api/secretary/core/text"
)

// isTitle reports whether a word announces a professional's name.
func isTitle(word string) bool { return word == "dr" || word == "dra" }

// isParticle reports whether a word may stand inside a name.
func isParticle(word string) bool {
	switch word {
	case "de", "da", "do", "das", "dos", "e", "di", "del", "van", "von", "la":
		return true
	}
	return false
}

// findTitledNames finds "Dr. Santos", of the clinic or not.
func (r *references) findTitledNames() {
	for i := 0; i < len(r.m.tokens); i++ {
		if !isTitle(r.m.tokens[i].word) {
			continue
		}
		end := r.nameEnd(i + 1)
		if end == i+1 {
			r.findByTitle(i)
			continue
		}
		r.add(mention{start: i, end: end, kind: usedName, professionals: r.named(i+1, end, r.m.tokens[i].word)})
		i = end - 1
	}
}

// findByTitle finds "a doutora" among the professionals that were listed, when one of them only has the title.
func (r *references) findByTitle(i int) {
	if r.in.State != reception.ChoosingProfessional || i > 3 {
		return
	}
	var titled []agenda.ClinicProfessionalID
	for _, p := range r.known.professionals {
		if p.title == r.m.tokens[i].word {
			titled = append(titled, p.id)
		}
	}
	if len(titled) == 1 {
		r.add(mention{start: i, end: i + 1, kind: usedName, professionals: titled})
	}
}

// nameEnd is where a name after a title ends: its first word may be anything that is no plain word, the others must be
// known or written with a capital.
func (r *references) nameEnd(start int) int {
	end := start
	for i := start; i < len(r.m.tokens) && i < start+6; i++ {
		t := r.m.tokens[i]
		if t.end && i > start || t.comma || t.isNumber() || t.raw == "" {
			break
		}
		ours := r.isOurs(t, true)
		switch {
		case isParticle(t.folded):
			if i == start {
				return start
			}
			continue // part of the name if a name follows
		case ours:
		case r.isPlain(t) && (i == start || !isSurname(t.folded) || !t.isCapital()) || len(t.folded) < 2:
			return end
		case i > start && !t.isCapital() && !isSurname(t.folded):
			return end
		}
		end = i + 1
	}
	return end
}

// isOurs reports whether a word is one of the names of the clinic's professionals.
func (r *references) isOurs(t token, typos bool) bool {
	for _, p := range r.known.professionals {
		for _, w := range p.names {
			if w == t.folded || typos && len(t.folded) > 4 && !r.isPlain(t) && text.Similar(t.folded, w) {
				return true
			}
		}
	}
	return false
}

// isPlain reports whether a token is a word of the language, and no name.
func (r *references) isPlain(t token) bool {
	if vocabulary().plain[t.word] || abbreviation(t.folded) != "" {
		return true
	}
	return len(text.Specialties([]string{t.folded})) > 0
}

// named returns the professionals whose names have all the words from start to end; with a typo only when nobody has
// them exactly. A title tells namesakes apart.
func (r *references) named(start, end int, title string) []agenda.ClinicProfessionalID {
	var exact, similar []indexedProfessional
	for _, p := range r.known.professionals {
		isExact, isSimilar := true, true
		for _, t := range r.m.tokens[start:end] {
			if isParticle(t.folded) {
				continue
			}
			isExact = isExact && slices.Contains(p.names, t.folded)
			isSimilar = isSimilar && slices.ContainsFunc(p.names, func(w string) bool { return text.Similar(t.folded, w) })
		}
		if isExact {
			exact = append(exact, p)
		} else if isSimilar {
			similar = append(similar, p)
		}
	}
	if len(exact) == 0 {
		exact = similar
	}
	var all, sameTitle []agenda.ClinicProfessionalID
	for _, p := range exact {
		all = append(all, p.id)
		if title != "" && p.title == title {
			sameTitle = append(sameTitle, p.id)
		}
	}
	if len(sameTitle) > 0 {
		return sameTitle
	}
	return all
}

// findPlainNames finds "com o João" and "Maria Costa": names of the clinic without a title, where a professional is
// meant and not the patient.
func (r *references) findPlainNames() {
	for i := 0; i < len(r.m.tokens); i++ {
		if !r.free(i, i+1) || r.m.tokens[i].raw == "" {
			continue
		}
		with := r.isWith(i)
		end := i
		for end < len(r.m.tokens) && end < i+5 && r.free(end, end+1) && (end == i || !r.m.tokens[end].end && !r.m.tokens[end].comma) {
			t := r.m.tokens[end]
			if !r.isOurs(t, with || end > i) && (end == i || !isParticle(t.folded)) {
				break
			}
			end++
		}
		for end > i && isParticle(r.m.tokens[end-1].folded) {
			end--
		}
		if end > i && r.meansProfessional(i, end, with) {
			ids := r.named(i, end, "")
			if len(ids) > 0 {
				r.add(mention{start: i, end: end, kind: usedName, professionals: ids})
				i = end - 1
				continue
			}
		}
		if with {
			r.findStranger(i)
		}
	}
}

// isWith reports whether "com", perhaps with an article, stands before the token.
func (r *references) isWith(i int) bool {
	if i > 0 && r.m.tokens[i].sep != "" && !r.m.tokens[i].end && !r.m.tokens[i].comma {
		before := r.m.tokens[i-1].word
		if before == "com" {
			return true
		}
		return i > 1 && (before == "o" || before == "a") && r.m.tokens[i-2].word == "com"
	}
	return false
}

// meansProfessional tells a professional's name from a patient's.
func (r *references) meansProfessional(start, end int, with bool) bool {
	if r.isPatients(start) {
		return false
	}
	if with || start > 0 && r.m.isPhrase(start-1, "outro|outra") {
		return true
	}
	if r.in.State == reception.CollectingPatient {
		return false
	}
	if end == len(r.m.tokens) && (start == 0 || start == 1 && isArticle(r.m.tokens[0].word)) {
		return true // the whole message
	}
	if r.in.State == reception.ChoosingProfessional {
		return true
	}
	if start == 0 || r.m.tokens[start].end {
		return false
	}
	before := r.m.tokens[start-1].word
	switch before {
	case "pelo", "pela", "ou", "medico", "medica", "no", "na", "do", "da", "ao":
		return true
	case "o", "a":
		return true
	}
	return end-start > 1 && r.isWholeName(start, end) && before != "para"
}

func isArticle(word string) bool { return word == "o" || word == "a" }

// isWholeName reports whether the tokens are a professional's name and surname.
func (r *references) isWholeName(start, end int) bool {
	return len(r.named(start, end, "")) == 1 && end-start >= 2
}

// isPatients reports whether the words before a name say that it is the patient's.
func (r *references) isPatients(i int) bool {
	for j := i - 1; j >= 0 && j >= i-4; j-- {
		if r.m.tokens[j+1].end {
			return false
		}
		switch r.m.tokens[j].word {
		case "nome", "chamo", "chama", "sou", "paciente", "filho", "filha", "mae", "pai", "marido", "esposa", "esposo", "avo", "irmao", "irma", "tio", "tia",
			"para", "aqui", "sobrinho", "sobrinha", "neto", "neta", "titular":
			return true
		case "com":
			return false
		}
	}
	return false
}

// findStranger finds a name that the clinic does not have, after "com a": it has a capital and is no plain word.
func (r *references) findStranger(i int) {
	t := r.m.tokens[i]
	if r.in.State == reception.CollectingPatient || !t.isCapital() || r.isPlain(t) || t.used != unused || t.isNumber() {
		return
	}
	if n := utf8.RuneCountInString(t.raw); n < 3 || isInsurance(t.folded) || r.isVocabularyService(i) {
		return
	}
	end := i + 1
	for end < len(r.m.tokens) && end < i+4 && r.m.tokens[end].isCapital() && !r.m.tokens[end].end && !r.m.tokens[end].comma && !r.isPlain(r.m.tokens[end]) {
		end++
	}
	r.add(mention{start: i, end: end, kind: usedName, professionals: r.named(i, end, "")})
}

func isInsurance(word string) bool {
	return compileElement("@insurance").accepts(word)
}
