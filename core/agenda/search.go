package agenda

import (
	"cmp"
	"slices"
	"strings"

	"github.com/secretary-api/secretary/core/text"
)

// Match is a professional whom a search found, and why.
type Match struct {
	Professional ClinicProfessional
	Service      *Service // the service that was found; nil when the search found the professional
	Reason       string   // "name", "specialty", "service" or "keyword"
	Score        float64  // 0 to 1; 1 is what was asked for, word for word
}

// The reasons of a match.
const (
	ByName      = "name"
	BySpecialty = "specialty"
	ByService   = "service"
	ByKeyword   = "keyword"
)

// Find looks for a name, then for a speciality, then for a service, then for a keyword of a speciality ("coração"), and
// answers the first kind that finds something, best match first. Accents, case, titles, small typos and words such as
// "quero" do not matter. A text without a word finds nothing, and so does any text at a clinic that was deactivated.
//
// Integrations ask the database the same. Its functions follow these rules, and the contract suite's list of searches
// tells whether they still agree: what changes here changes there too.
func (d Directory) Find(q string) []Match {
	for _, find := range []func([]string) []Match{d.byName, d.bySpecialty, d.byService, d.byKeyword} {
		if found := find(d.sought(q)); len(found) > 0 {
			return found
		}
	}
	return nil
}

// FindByName looks for professionals whose names have all the words of q: "Dra. Maria", "costa".
func (d Directory) FindByName(q string) []Match { return d.byName(d.sought(q)) }

// FindBySpecialty looks for professionals by their speciality, in any form of its name, and then by its keywords.
func (d Directory) FindBySpecialty(q string) []Match {
	if found := d.bySpecialty(d.sought(q)); len(found) > 0 {
		return found
	}
	return d.byKeyword(d.sought(q))
}

// FindByService looks for services by name, by the beginning of the name, or by keyword.
func (d Directory) FindByService(q string) []Match { return d.byService(d.sought(q)) }

func (d Directory) byName(q []string) []Match {
	q = slices.DeleteFunc(slices.Clone(q), IsTitle)
	var found matches
	for _, p := range d.Professionals {
		name := slices.DeleteFunc(text.Words(p.Name), IsTitle)
		if fit := wordsIn(q, name); fit != noFit {
			found.add(Match{Professional: p, Reason: ByName, Score: 0.6 + 0.4*float64(len(q))/float64(max(len(q), len(name)))}, fit)
		}
	}
	return found.best()
}

func (d Directory) bySpecialty(q []string) []Match {
	asked := specialtyKeys(q)
	var found matches
	for _, p := range d.Professionals {
		words := text.Words(p.Specialty)
		has := specialtyKeys(words)
		fit := noFit
		switch {
		case slices.ContainsFunc(has, func(key string) bool { return slices.Contains(asked, key) }):
			fit = exactFit
		case len(asked) == 0 || len(has) == 0: // at least one is not in the vocabulary: compare the words
			fit = max(wordsIn(q, words), phraseIn(words, q))
		}
		found.add(Match{Professional: p, Reason: BySpecialty, Score: 1}, fit)
	}
	return found.best()
}

func (d Directory) byService(q []string) []Match {
	var found matches
	for _, s := range d.Services {
		p, ok := d.Professional(s.ProfessionalID)
		if !ok {
			continue
		}
		score, fit := 1.0, phraseIn(text.Words(s.Name), q)
		if fit == noFit {
			score, fit = 0.9, beginsWith(text.Words(s.Name), q)
		}
		if fit == noFit {
			score, fit = 0.8, anyPhraseIn(s.Keywords, q)
		}
		found.add(Match{Professional: p, Service: &s, Reason: ByService, Score: score}, fit)
	}
	return found.best()
}

func (d Directory) byKeyword(q []string) []Match {
	var found matches
	for _, p := range d.Professionals {
		found.add(Match{Professional: p, Reason: ByKeyword, Score: 0.7}, anyPhraseIn(p.SpecialtyKeywords, q))
	}
	return found.best()
}

// fit is how well words agree. What fits with a typo counts only when nothing fits exactly: who asks for "Silva" does not
// mean "Silvia" when there is a Silva.
type fit int

const (
	noFit fit = iota
	typoFit
	exactFit
)

type matches struct{ exact, typo []Match }

func (m *matches) add(found Match, how fit) {
	switch how {
	case exactFit:
		m.exact = append(m.exact, found)
	case typoFit:
		found.Score *= 0.8
		m.typo = append(m.typo, found)
	case noFit:
	}
}

// best returns the matches in order of score; equals stay in the directory's order.
func (m *matches) best() []Match {
	out := m.exact
	if len(out) == 0 {
		out = m.typo
	}
	slices.SortStableFunc(out, func(a, b Match) int { return cmp.Compare(b.Score, a.Score) })
	return out
}

func fitOf(a, b string) fit {
	if a == b {
		return exactFit
	}
	if !text.Similar(a, b) {
		return noFit
	}
	// "nefrologia" is one letter from "neurologia", and another thing.
	if x, y := specialtyKeys([]string{a}), specialtyKeys([]string{b}); len(x) > 0 && len(y) > 0 && x[0] != y[0] {
		return noFit
	}
	return typoFit
}

// wordsIn tells how well each of the words is one of those, in any order.
func wordsIn(words, those []string) fit {
	if len(words) == 0 {
		return noFit
	}
	worst := exactFit
	for _, w := range words {
		best := noFit
		for _, other := range those {
			best = max(best, fitOf(w, other))
		}
		worst = min(worst, best)
	}
	return worst
}

// phraseIn tells how well the phrase stands in the text, its words one after the other.
func phraseIn(phrase, in []string) fit {
	best := noFit
	if len(phrase) == 0 {
		return best
	}
	for i := 0; i+len(phrase) <= len(in); i++ {
		worst := exactFit
		for j, w := range phrase {
			worst = min(worst, fitOf(in[i+j], w))
			if worst == noFit {
				break
			}
		}
		best = max(best, worst)
	}
	return best
}

// beginsWith tells how well all of q are words of the name, the first of the name among them: "limpeza" asks for "Limpeza
// de pele", "pele" does not.
func beginsWith(name, q []string) fit {
	if len(name) == 0 {
		return noFit
	}
	return min(wordsIn(q, name), wordsIn(name[:1], q))
}

func anyPhraseIn(phrases, q []string) fit {
	best := noFit
	for _, phrase := range phrases {
		best = max(best, phraseIn(text.Words(phrase), q))
	}
	return best
}

func specialtyKeys(words []string) []string {
	var keys []string
	for _, s := range text.Specialties(words) {
		keys = append(keys, s.Key)
	}
	return keys
}

// sought returns the words of a search that say what is sought; none when the clinic was deactivated.
func (d Directory) sought(q string) []string {
	const longest = 500 // bytes; a search is short, and its cost must not depend on who sends it
	if !d.Clinic.Active {
		return nil
	}
	if len(q) > longest {
		q = strings.ToValidUTF8(q[:longest], "")
	}
	words := text.Words(q)
	for len(words) > 0 && isFiller(words[0]) {
		words = words[1:]
	}
	for len(words) > 0 && isFiller(words[len(words)-1]) {
		words = words[:len(words)-1]
	}
	return words
}

// IsTitle reports whether a folded word of a name is only a title, or a word that joins names.
func IsTitle(word string) bool {
	switch word {
	case "dr", "dra", "drs", "doutor", "doutora", "prof", "profa", "professor", "professora", "sr", "sra", "o", "a", "de", "da", "do", "dos", "das", "e":
		return true
	}
	return false
}

// fillers are the words around what is sought that say nothing about it, each between blanks.
const fillers = " quero queria gostaria preciso procuro busco marcar agendar fazer ver tem voces" +
	" consulta horario com um uma o a os as de da do para pra por favor algum alguma oi ola "

// Fillers lists the words that a search does without at its beginning and at its end: "quero uma consulta com". It is for
// those who search by the same rules elsewhere.
func Fillers() []string { return strings.Fields(fillers) }

func isFiller(word string) bool { return strings.Contains(fillers, " "+word+" ") }
