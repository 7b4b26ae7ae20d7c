package portuguese

import (
	"slices"
	"strings"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/reception"
)

// mention is a part of a message that names something, and who or what of the clinic it may be.
type mention struct {
	start, end    int
	kind          use
	professionals []agenda.ClinicProfessionalID
	services      []agenda.ServiceID
	dropped       bool // denied, corrected or only told
}

// references are the mentions of a message.
type references struct {
	m     *message
	in    reception.Context
	known index
	found []mention
}

// refer finds what the message refers to and marks the tokens.
func (m *message) refer(in reception.Context) *references {
	r := &references{m: m, in: in, known: indexOf(in.Directory)}
	r.findTitledNames()
	r.findPlainNames()
	r.findSpecialties()
	r.findServices()
	r.findSymptoms()
	r.drop()
	return r
}

func (r *references) add(v mention) {
	for i := v.start; i < v.end; i++ {
		r.m.tokens[i].used = v.kind
	}
	r.found = append(r.found, v)
}

func (r *references) free(start, end int) bool {
	for i := start; i < end; i++ {
		if r.m.tokens[i].used != unused {
			return false
		}
	}
	return true
}

// tell puts the references into a meaning: a name counts before a speciality, that before a service, that before a
// symptom.
func (r *references) tell(out *reception.Meaning) {
	var candidates [usedSymptom + 1][]agenda.ClinicProfessionalID
	for _, v := range r.found {
		if v.dropped {
			continue
		}
		named := r.m.typed(v.start, v.end)
		switch v.kind {
		case usedName:
			out.Professional = joined(out.Professional, named)
		case usedSpecialty:
			out.Specialty = joined(out.Specialty, named)
		case usedService:
			out.Service = joined(out.Service, named)
		case usedSymptom:
			if out.Symptom == "" || len(candidates[usedSymptom]) == 0 && len(v.professionals) > 0 {
				out.Symptom = named
			}
		case unused, usedDate, usedHour, usedPatient:
		}
		candidates[v.kind] = append(candidates[v.kind], v.professionals...)
		out.Services = append(out.Services, v.services...)
	}
	switch {
	case out.Professional != "":
		out.Candidates = narrowed(candidates[usedName], candidates[usedSpecialty])
	case out.Specialty != "":
		out.Candidates = candidates[usedSpecialty]
	case out.Service != "":
		out.Candidates = candidates[usedService]
	default:
		out.Candidates = candidates[usedSymptom]
	}
	out.Candidates, out.Services = distinct(out.Candidates), distinct(out.Services)
}

// narrowed keeps those of a name who have the speciality that was named beside it, if any has: "a Dra. Maria, a pediatra".
func narrowed(named, specialists []agenda.ClinicProfessionalID) []agenda.ClinicProfessionalID {
	both := slices.DeleteFunc(slices.Clone(named), func(p agenda.ClinicProfessionalID) bool { return !slices.Contains(specialists, p) })
	if len(both) == 0 {
		return named
	}
	return both
}

// distinct keeps the first of equals, in order.
func distinct[T comparable](list []T) []T {
	var out []T
	for _, v := range list {
		if !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out
}

func joined(before, next string) string {
	if before == "" || strings.EqualFold(before, next) {
		return next
	}
	return before + ", " + next
}

// typed is a part of the message as it was typed.
func (m *message) typed(start, end int) string {
	var b strings.Builder
	for i := start; i < end; i++ {
		if i > start && m.tokens[i].raw != "" {
			b.WriteString(m.tokens[i].sep)
		}
		b.WriteString(m.tokens[i].raw)
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// drop marks the mentions that the message takes back: "não quero com o Dr. João", "Dr. João não, prefiro a Dra. Maria",
// "em vez do Dr. João", and all before "digo" or "na verdade".
func (r *references) drop() {
	for i, v := range r.found {
		absent := v.kind == usedSymptom && r.m.isNegated(hit{signal: emergency, start: v.start, end: v.end})
		if absent || r.m.isRefused(v.start, v.end) {
			r.found[i].dropped = true
		}
	}
	for i, v := range r.found {
		if r.m.isContrasted(v.start) && slices.ContainsFunc(r.found, func(o mention) bool { return o.kind == v.kind && o.start != v.start && !o.dropped }) {
			r.found[i].dropped = true // "a Dra. Maria, não o Dr. João"
		}
	}
	for i, v := range r.found {
		for _, later := range r.found {
			if later.kind == v.kind && later.start > v.end && !later.dropped && r.m.isCorrected(v.end, later.start) {
				r.found[i].dropped = true
			}
		}
	}
}

// isContrasted reports whether "não o" or "não com o" stands before token i.
func (m *message) isContrasted(i int) bool {
	for i > 0 && !m.tokens[i].end && !m.tokens[i].comma {
		i--
		switch m.tokens[i].word {
		case "o", "a", "com", "do", "da", "e":
		case "nao":
			return true
		default:
			return false
		}
	}
	return false
}

// isCorrected reports whether what stands between two mentions puts the second in place of the first.
func (m *message) isCorrected(start, end int) bool {
	for i := start; i < end; i++ {
		switch m.tokens[i].word {
		case "digo", "alias", "ops", "desculpa", "desculpe", "errei", "corrigindo", "verdade", "melhor", "prefiro":
			return true
		case "dizer":
			return i > start && m.tokens[i-1].word == "quer"
		case "pelo", "pela", "por":
			return m.wordBefore(start, "trocar", "troca", "troque", "mudar", "muda", "substituir")
		case "para":
			return m.wordBefore(start, "trocar", "troca", "troque", "mudar", "muda", "transferir")
		}
	}
	return false
}

func (m *message) wordBefore(i int, words ...string) bool {
	for j := i - 1; j >= 0 && j >= i-8; j-- {
		if slices.Contains(words, m.tokens[j].word) {
			return true
		}
	}
	return false
}

// isRefused reports whether the message does not want what stands there.
func (m *message) isRefused(start, end int) bool {
	// Behind it: "Dr. João não", unless a verb follows: "Dr. João não atende?".
	if end < len(m.tokens) && m.tokens[end].word == "nao" && !m.tokens[end].end {
		next := end + 1
		if next >= len(m.tokens) || m.tokens[next].end || m.tokens[next].comma {
			return end+1 < len(m.tokens) || strings.IndexByte(m.tail, '?') < 0
		}
		switch m.tokens[next].word {
		case "quero", "prefiro", "por", "obrigado", "mas", "pode", "serve", "da", "posso", "consigo", "vai", "rola":
			return true
		}
	}
	for i := start; i > 0; i-- {
		if m.tokens[i].end || m.tokens[i].comma {
			return false
		}
		switch m.tokens[i-1].word {
		case "nao":
			// "não com a Dra. Maria" answers a question; without a question, or with a verb, it is a refusal.
			return i < start && m.hasVerb(i, start)
		case "menos", "exceto", "tirando", "fora":
			return true
		case "ser":
			if m.wordAt(i-2) == "sem" {
				return true
			}
		case "vez", "inves":
			return true
		case "com", "o", "a", "do", "da", "de", "pelo", "pela", "no", "na", "em", "quero", "queria", "gosto", "gostei", "pode", "mais", "um", "uma",
			"posso", "preciso", "precisa", "vou", "seria", "marcar", "agendar", "consigo", "consultar", "passar", "ir", "fazer", "as", "dia", "ate", "para", "e", "ao":
			if start-i >= 6 {
				return false
			}
		default:
			return false
		}
	}
	return false
}

// hasVerb reports whether one of the tokens is a verb of wanting or of being able to.
func (m *message) hasVerb(start, end int) bool {
	for i := start; i < end; i++ {
		switch m.tokens[i].word {
		case "quero", "queria", "gosto", "gostei", "pode", "posso", "preciso", "precisa", "vou", "seria", "consigo", "marcar", "agendar", "da":
			return true
		}
	}
	return false
}
