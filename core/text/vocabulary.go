package text

import (
	"strings"
	"sync"
)

// Term is an entry of the vocabulary of specialities. Name and Key are folded.
type Term struct {
	Kind TermKind
	Name string
	Key  string
}

// TermKind says how a [Term] is read.
type TermKind string

// The kinds of terms.
const (
	TermStem   TermKind = "stem"   // the stem of regular names: "cardiolog", its own key
	TermWord   TermKind = "word"   // a name that follows no rule: "dentista" is "odontolog"
	TermPhrase TermKind = "phrase" // a name of several words, each with its alternatives: "clinico|clinica geral|gerais"
	TermEnding TermKind = "ending" // what varies in a name, and what of it the stem keeps: "logista" is "log"
	TermForm   TermKind = "form"   // how a stem that ends in Name is completed: "log" by "ista|ia|o|a"; Name "" is any other
)

// Vocabulary lists what [Specialties] knows. The order of the stems counts: of two that a misspelt word is equally near
// to, the first is meant. It is for those who keep the same vocabulary elsewhere.
func Vocabulary() []Term {
	var terms []Term
	for stem := range strings.FieldsSeq(stemTable) {
		terms = append(terms, Term{TermStem, stem, stem})
	}
	for _, table := range []struct {
		kind  TermKind
		lines string
	}{{TermWord, wordTable}, {TermPhrase, phraseTable}, {TermEnding, endingTable}, {TermForm, formTable}} {
		for line := range strings.Lines(table.lines) {
			name, key, _ := strings.Cut(line, ">")
			terms = append(terms, Term{table.kind, strings.TrimSpace(name), strings.TrimSpace(key)})
		}
	}
	return terms
}

// stemTable are the stems of the names of one word that follow the rules of endingTable and formTable.
const stemTable = `
	cardiolog dermatolog neurolog urolog nefrolog ginecolog oftalmolog otorrinolaringolog endocrinolog
	gastroenterolog reumatolog pneumolog hematolog hepatolog oncolog mastolog proctolog infectolog
	angiolog alergolog imunolog psicolog nutrolog fonoaudiolog odontolog podolog radiolog anestesiolog neonatolog tricolog
	traumatolog toxicolog flebolog neuropsicolog psiquiatr pediatr neuropediatr geriatr fisiatr odontopediatr obstetr
	ortoped fisioterap psicoterap massoterap ortodont endodont implantodont periodont acupuntur homeopat`

// wordTable are the short names, and those that follow no rule.
const wordTable = `cardio > cardiolog
dermato > dermatolog
derma > dermatolog
dermatol > dermatolog
neuro > neurolog
uro > urolog
nefro > nefrolog
gineco > ginecolog
ginico > ginecolog
oftalmo > oftalmolog
oftamo > oftalmolog
oculista > oftalmolog
otorrino > otorrinolaringolog
otorino > otorrinolaringolog
otorrinos > otorrinolaringolog
endocrino > endocrinolog
endocrinos > endocrinolog
gastro > gastroenterolog
gastrologista > gastroenterolog
gastrologia > gastroenterolog
reumato > reumatolog
pneumo > pneumolog
hemato > hematolog
onco > oncolog
cancerologista > oncolog
cancerologia > oncolog
masto > mastolog
procto > proctolog
coloproctologista > proctolog
coloproctologia > proctolog
infecto > infectolog
angio > angiolog
vascular > vascular
alergista > alergolog
psico > psicolog
nutri > nutricao
nutricionista > nutricao
nutricionistas > nutricao
nutricao > nutricao
fono > fonoaudiolog
odonto > odontolog
dentista > odontolog
dentistas > odontolog
orto > ortoped
fisio > fisioterap
anestesista > anestesiolog
clinico > clinico geral
generalista > clinico geral
esteticista > estetica
quiropraxista > quiropraxia
quiropraxia > quiropraxia
quiropata > quiropraxia`

const (
	aDoctor   = "medico|medica|medicina|doutor|doutora"
	aDoctorOf = aDoctor + " de|do|da|dos|das "
	aSurgeon  = "cirurgiao|cirurgia|cirurgioes"
)

// phraseTable are the names of several words; of two that fit, the longer is meant.
const phraseTable = "clinico|clinica|clinicos geral|gerais > clinico geral\n" +
	"clinica medica > clinico geral\n" +
	aDoctor + " geral|clinico|generalista > clinico geral\n" +
	aDoctor + " geral|clinico|generalista geral > clinico geral\n" +
	aDoctor + " esportiva|esportivo > medicina do esporte\n" +
	aDoctorOf + "coracao > cardiolog\n" +
	aDoctorOf + "pele > dermatolog\n" +
	aDoctorOf + "crianca|criancas|bebe > pediatr\n" +
	aDoctorOf + "olho|olhos|vista > oftalmolog\n" +
	aDoctorOf + "ouvido|garganta > otorrinolaringolog\n" +
	aDoctorOf + "osso|ossos|coluna|joelho > ortoped\n" +
	aDoctorOf + "mulher|mulheres > ginecolog\n" +
	aDoctorOf + "idoso|idosos > geriatr\n" +
	aDoctorOf + "familia > medicina da familia\n" +
	aDoctorOf + "trabalho > medicina do trabalho\n" +
	aDoctorOf + "esporte > medicina do esporte\n" +
	aSurgeon + " plastico|plastica > cirurgia plastica\n" +
	aSurgeon + " geral > cirurgia geral\n" +
	aSurgeon + " vascular > vascular\n" +
	aSurgeon + " dentista > odontolog\n" +
	"terapeuta|terapia ocupacional > terapia ocupacional"

// endingTable are the endings of regular names, in the singular. None of them ends another.
const endingTable = `logista > log
logia > log
loga > log
logo > log
iatria > iatr
iatra > iatr
pedista > ped
pedia > ped
terapeuta > terap
terapia > terap
dontista > dont
dontia > dont
stetricia > stetr
stetra > stetr
opata > opat
opatia > opat
punturista > puntur
puntura > puntur`

// formTable is how stems are completed, the way back of endingTable.
const formTable = `log > ista|ia|o|a
iatr > a|ia
stetr > a|icia
terap > euta|ia
opat > a|ia
puntur > a|ista
> ista|ia`

// lexicon is the vocabulary, ready to be looked up.
type lexicon struct {
	keys    map[string]string // by a name of one word or a stem
	phrases map[string]string // by the words with blanks between them
	heads   map[string]bool   // the first words of phrases
	endings []Term            // of TermEnding
	forms   map[byte][]form   // regular names by their first letter
}

type form struct{ name, key string }

// specialties is compiled when the first speciality is looked for.
//
//nolint:gochecknoglobals // compiled once from constants, never changed
var specialties = sync.OnceValue(func() *lexicon {
	l := &lexicon{keys: map[string]string{}, phrases: map[string]string{}, heads: map[string]bool{}, forms: map[byte][]form{}}
	var stems, completions []Term
	for _, term := range Vocabulary() {
		switch term.Kind {
		case TermStem:
			stems = append(stems, term)
			l.keys[term.Name] = term.Key
		case TermWord:
			l.keys[term.Name] = term.Key
		case TermPhrase:
			l.addPhrase(strings.Fields(term.Name), "", term.Key)
		case TermEnding:
			l.endings = append(l.endings, term)
		case TermForm:
			completions = append(completions, term)
		}
	}
	for _, stem := range stems {
		for _, completion := range completions {
			if !strings.HasSuffix(stem.Name, completion.Name) {
				continue
			}
			for ending := range strings.SplitSeq(completion.Key, "|") {
				l.forms[stem.Name[0]] = append(l.forms[stem.Name[0]], form{stem.Name + ending, stem.Key})
			}
			break
		}
	}
	return l
})

// addPhrase adds every way of choosing among the alternatives of the words that follow before.
func (l *lexicon) addPhrase(words []string, before, key string) {
	if len(words) == 0 {
		l.phrases[before] = key
		return
	}
	for word := range strings.SplitSeq(words[0], "|") {
		if before == "" {
			l.heads[word] = true
			l.addPhrase(words[1:], word, key)
		} else {
			l.addPhrase(words[1:], before+" "+word, key)
		}
	}
}
