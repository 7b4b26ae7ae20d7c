package portuguese

import (
	"slices"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/text"
)

// index is a clinic's directory cut into words, so that it is done once a message and not once a word.
type index struct {
	professionals []indexedProfessional
	services      []indexedService
}

type indexedProfessional struct {
	id        agenda.ClinicProfessionalID
	title     string // "dra"
	names     []string
	specialty expression
	field     []string // the keys of the speciality
	keywords  []expression
	fields    []string // the keys that the keywords name
}

type indexedService struct {
	agenda.Service

	name     expression
	keywords []expression
}

// expression is a name or a keyword of the directory.
type expression []entry

// entry is one word of an expression. full is what it is short for: a keyword may be an abbreviation too.
type entry struct{ word, full string }

func indexOf(d agenda.Directory) index {
	var x index
	for _, p := range d.Professionals {
		v := indexedProfessional{id: p.ID, names: text.Words(p.Name), specialty: expressionOf(p.Specialty), field: fields(p.Specialty)}
		if len(v.names) > 0 {
			v.title = v.names[0]
			if full := abbreviation(v.title); full != "" {
				v.title = full
			}
		}
		v.names = slices.DeleteFunc(v.names, func(w string) bool {
			return isTitle(w) || isTitle(abbreviation(w)) || isParticle(w) || w == "prof" || w == "profa"
		})
		for _, keyword := range p.SpecialtyKeywords {
			v.keywords = append(v.keywords, expressionOf(keyword))
			v.fields = append(v.fields, fields(keyword)...)
		}
		x.professionals = append(x.professionals, v)
	}
	for _, s := range d.Services {
		v := indexedService{Service: s, name: expressionOf(s.Name)}
		for _, keyword := range s.Keywords {
			v.keywords = append(v.keywords, expressionOf(keyword))
		}
		x.services = append(x.services, v)
	}
	return x
}

func expressionOf(s string) expression {
	words := text.Words(s)
	e := make(expression, 0, len(words))
	for _, w := range words {
		full := abbreviation(w)
		if full == "" {
			full = w
		}
		e = append(e, entry{word: w, full: full})
	}
	return e
}

// fields are the keys of the specialities that a text names.
func fields(s string) []string {
	var keys []string
	for _, found := range text.Specialties(text.Words(s)) {
		keys = append(keys, found.Key)
	}
	return keys
}
