package text

import "strings"

// Specialty is a medical speciality, or a health profession, that a text names.
type Specialty struct {
	Key        string // the same for every way of naming it: "cardiolog" for "cardiologista", "cardiologia", "cardio"
	Start, End int    // which words name it
}

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
	next := func(i int) string {
		if i < len(words) {
			return words[i]
		}
		return ""
	}
	switch words[0] {
	case "clinico", "clinica", "clinicos":
		if second := next(1); second == "geral" || second == "gerais" || second == "medica" && words[0] == "clinica" {
			return "clinico geral", 2
		}
	case "medico", "medica", "medicina", "doutor", "doutora":
		if second := next(1); second == "geral" || second == "clinico" || second == "generalista" {
			if next(2) == "geral" {
				return "clinico geral", 3
			}
			return "clinico geral", 2
		}
		switch next(1) {
		case "de", "do", "da", "dos", "das":
			if key = specialtyOf(next(2)); key != "" {
				return key, 3
			}
		case "esportiva", "esportivo":
			return "medicina do esporte", 2
		}
	case "cirurgiao", "cirurgia", "cirurgioes":
		switch next(1) {
		case "plastico", "plastica":
			return "cirurgia plastica", 2
		case "geral":
			return "cirurgia geral", 2
		case "vascular":
			return "vascular", 2
		case "dentista":
			return "odontolog", 2
		}
	case "terapeuta", "terapia":
		if next(1) == "ocupacional" {
			return "terapia ocupacional", 2
		}
	}
	return "", 0
}

// specialtyOf is the speciality of "médico de ...".
func specialtyOf(part string) string {
	switch part {
	case "coracao":
		return "cardiolog"
	case "pele":
		return "dermatolog"
	case "crianca", "criancas", "bebe":
		return "pediatr"
	case "olho", "olhos", "vista":
		return "oftalmolog"
	case "ouvido", "garganta":
		return "otorrinolaringolog"
	case "osso", "ossos", "coluna", "joelho":
		return "ortoped"
	case "mulher", "mulheres":
		return "ginecolog"
	case "idoso", "idosos":
		return "geriatr"
	case "familia":
		return "medicina da familia"
	case "trabalho":
		return "medicina do trabalho"
	case "esporte":
		return "medicina do esporte"
	}
	return ""
}

// specialtyWord is the speciality that one word names, "" when none.
func specialtyWord(word string) string {
	if key := specialtyShort(word); key != "" {
		return key
	}
	stem, ending := specialtyStem(word)
	if isSpecialty(stem) {
		return stem
	}
	// A speciality nobody thought of here is still recognised by its ending.
	if len(stem) > 7 && (ending == "logista" || ending == "iatra" || ending == "iatria") {
		if key := misspelt(word); key != "" {
			return key
		}
		return stem
	}
	if len(word) < 7 {
		return ""
	}
	return misspelt(word)
}

// specialtyStem cuts what varies in the name of a speciality. ending is what was cut, in the singular.
func specialtyStem(word string) (stem, ending string) {
	singular := strings.TrimSuffix(word, "s")
	for rest := specialtyEndings; rest != ""; {
		var pair string
		pair, rest, _ = strings.Cut(rest, " ")
		cut, keep, _ := strings.Cut(pair, ">")
		if before, ok := strings.CutSuffix(singular, cut); ok && len(before) > 1 {
			return before + keep, cut
		}
	}
	return word, ""
}

// specialtyEndings are the endings and what is kept of each, the longer before the shorter.
const specialtyEndings = "logista>log logia>log loga>log logo>log " +
	"iatria>iatr iatra>iatr pedista>ped pedia>ped terapeuta>terap terapia>terap " +
	"dontista>dont dontia>dont stetricia>stetr stetra>stetr opata>opat opatia>opat punturista>puntur puntura>puntur"

// knownSpecialties are the stems of single words, between blanks.
const knownSpecialties = " cardiolog dermatolog neurolog urolog nefrolog ginecolog oftalmolog otorrinolaringolog endocrinolog " +
	"gastroenterolog reumatolog pneumolog hematolog hepatolog oncolog mastolog proctolog infectolog " +
	"angiolog alergolog imunolog psicolog nutrolog fonoaudiolog odontolog podolog radiolog anestesiolog neonatolog tricolog " +
	"traumatolog toxicolog flebolog neuropsicolog psiquiatr pediatr neuropediatr geriatr fisiatr odontopediatr obstetr " +
	"ortoped fisioterap psicoterap massoterap ortodont endodont implantodont periodont acupuntur homeopat "

func isSpecialty(stem string) bool {
	return len(stem) > 4 && !strings.ContainsRune(stem, ' ') && strings.Contains(knownSpecialties, " "+stem+" ")
}

// misspelt is the speciality that a word is probably meant to name.
func misspelt(word string) string {
	best, key := 3, ""
	for rest := strings.TrimSpace(knownSpecialties); rest != ""; {
		var stem string
		stem, rest, _ = strings.Cut(rest, " ")
		if stem[0] != word[0] || len(word)+2 < len(stem) {
			continue
		}
		for _, ending := range endingsOf(stem) {
			form := stem + ending
			limit := min(best-1, typos(min(len(form), len(word))))
			if limit < 1 {
				continue
			}
			if d := Distance(word, form, limit); d <= limit {
				best, key = d, stem
			}
		}
	}
	return key
}

// endingsOf lists how a stem is completed.
func endingsOf(stem string) []string {
	switch {
	case strings.HasSuffix(stem, "log"):
		return []string{"ista", "ia", "o", "a"}
	case strings.HasSuffix(stem, "iatr"):
		return []string{"a", "ia"}
	case strings.HasSuffix(stem, "stetr"):
		return []string{"a", "icia"}
	case strings.HasSuffix(stem, "terap"):
		return []string{"euta", "ia"}
	case strings.HasSuffix(stem, "opat"):
		return []string{"a", "ia"}
	case strings.HasSuffix(stem, "puntur"):
		return []string{"a", "ista"}
	}
	return []string{"ista", "ia"}
}

// specialtyShort knows the short names and those that follow no rule.
func specialtyShort(word string) string {
	switch word {
	case "cardio":
		return "cardiolog"
	case "dermato", "derma", "dermatol":
		return "dermatolog"
	case "neuro":
		return "neurolog"
	case "uro":
		return "urolog"
	case "nefro":
		return "nefrolog"
	case "gineco", "ginico":
		return "ginecolog"
	case "oftalmo", "oftamo", "oculista":
		return "oftalmolog"
	case "otorrino", "otorino", "otorrinos":
		return "otorrinolaringolog"
	case "endocrino", "endocrinos":
		return "endocrinolog"
	case "gastro", "gastrologista", "gastrologia":
		return "gastroenterolog"
	case "reumato":
		return "reumatolog"
	case "pneumo":
		return "pneumolog"
	case "hemato":
		return "hematolog"
	case "onco", "cancerologista", "cancerologia":
		return "oncolog"
	case "masto":
		return "mastolog"
	case "procto", "coloproctologista", "coloproctologia":
		return "proctolog"
	case "infecto":
		return "infectolog"
	case "angio":
		return "angiolog"
	case "vascular":
		return "vascular"
	case "alergista":
		return "alergolog"
	case "psico":
		return "psicolog"
	case "nutri", "nutricionista", "nutricionistas", "nutricao":
		return "nutricao"
	case "fono":
		return "fonoaudiolog"
	case "odonto", "dentista", "dentistas":
		return "odontolog"
	case "orto":
		return "ortoped"
	case "fisio":
		return "fisioterap"
	case "anestesista":
		return "anestesiolog"
	case "clinico", "generalista":
		return "clinico geral"
	case "esteticista":
		return "estetica"
	case "quiropraxista", "quiropraxia", "quiropata":
		return "quiropraxia"
	}
	return ""
}
