package portuguese

import (
	"slices"
	"strings"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/text"
)

// findSpecialties finds specialities, those of the clinic and all others.
func (r *references) findSpecialties() {
	words := make([]string, len(r.m.tokens))
	for i, t := range r.m.tokens {
		words[i] = t.folded
		if t.used != unused {
			words[i] = "-"
		}
	}
	for _, s := range text.Specialties(words) {
		for i := s.Start; i < s.End; i++ {
			r.m.tokens[i].field = true
		}
		if r.isIncidental(s.Start, s.End) {
			continue
		}
		r.add(mention{start: s.Start, end: s.End, kind: usedSpecialty, professionals: r.ofSpecialty(s.Key)})
	}
	for _, p := range r.known.professionals {
		if len(p.field) > 0 {
			continue
		}
		for i := range r.m.tokens { // one that the vocabulary does not know is found word by word
			if n := r.phraseAt(p.specialty, i); n > 0 {
				r.add(mention{start: i, end: i + n, kind: usedSpecialty, professionals: []agenda.ClinicProfessionalID{p.id}})
			}
		}
	}
}

// ofSpecialty returns the professionals of a speciality, by their speciality or else by their keywords.
func (r *references) ofSpecialty(key string) []agenda.ClinicProfessionalID {
	var bySpecialty, byKeyword []agenda.ClinicProfessionalID
	for _, p := range r.known.professionals {
		if slices.Contains(p.field, key) {
			bySpecialty = append(bySpecialty, p.id)
		} else if slices.Contains(p.fields, key) {
			byKeyword = append(byKeyword, p.id)
		}
	}
	if len(bySpecialty) > 0 {
		return bySpecialty
	}
	return byKeyword
}

// isIncidental reports whether a speciality is only spoken of: "meu cardiologista pediu", "encaminhada pelo pediatra".
func (r *references) isIncidental(start, end int) bool {
	t := r.m.tokens
	if end < len(t) && !t[end].end {
		switch t[end].word {
		case "pediu", "falou", "disse", "mandou", "receitou", "indicou", "recomendou", "solicitou", "encaminhou", "orientou", "passou", "me":
			return true
		}
	}
	for i := start - 1; i >= 0 && i >= start-3; i-- {
		switch t[i].word {
		case "medo", "pavor", "receio", "solicitado", "solicitada", "pedido", "encaminhado", "encaminhada", "indicado", "indicada", "recomendado", "recomendada", "receitado", "prescrito":
			return true
		}
	}
	return false
}

// findServices finds the clinic's services, by name or by keyword, what patients call the professionals' fields, and
// services that clinics commonly have.
func (r *references) findServices() {
	for _, s := range r.known.services {
		r.findService(s)
	}
	for i := range r.m.tokens {
		common := r.commonServiceAt(i)
		for _, p := range r.known.professionals {
			for _, keyword := range p.keywords {
				if n := r.phraseAt(keyword, i); n > 0 && n >= common && n >= r.longerAround(i, n) {
					r.addSymptom(i, i+n, p.id)
				}
			}
		}
		if common > 0 && r.free(i, i+common) {
			r.add(mention{start: i, end: i + common, kind: usedService})
		}
	}
}

// longerAround is the length of a common service that began before i and reaches over it: "pele" in "limpeza de pele".
func (r *references) longerAround(i, n int) int {
	for j := max(0, i-3); j < i; j++ {
		if r.m.tokens[j].used == unused {
			if width := r.commonServiceAt(j); j+width > i {
				return n + width
			}
		}
	}
	return 0
}

func (r *references) findService(s indexedService) {
	for i := range r.m.tokens {
		n := r.phraseAt(s.name, i)
		if n == 0 {
			n = r.shortNameAt(s.name, i)
		}
		for _, keyword := range s.keywords {
			if n == 0 {
				n = r.phraseAt(keyword, i)
			}
		}
		if n > 0 {
			r.addService(i, i+n, s.Service)
		}
	}
}

// addService adds a service; one that several professionals have is one mention.
func (r *references) addService(start, end int, s agenda.Service) {
	for i, v := range r.found {
		if v.kind == usedService && v.start == start && v.end == end {
			r.found[i].professionals = append(v.professionals, s.ProfessionalID)
			r.found[i].services = append(v.services, s.ID)
			return
		}
	}
	r.add(mention{
		start: start, end: end, kind: usedService,
		professionals: []agenda.ClinicProfessionalID{s.ProfessionalID}, services: []agenda.ServiceID{s.ID},
	})
}

// addSymptom adds a symptom; one that several professionals treat is one mention.
func (r *references) addSymptom(start, end int, of ...agenda.ClinicProfessionalID) {
	for i, v := range r.found {
		if v.kind == usedSymptom && v.start == start {
			r.found[i].professionals = append(v.professionals, of...)
			return
		}
	}
	if r.free(start, end) {
		r.add(mention{start: start, end: end, kind: usedSymptom, professionals: of})
	}
}

// phraseAt is how many tokens from i are the words, typos included; 0 when they are not. Tokens that an earlier kind of
// reference has taken do not count.
func (r *references) phraseAt(words expression, i int) int {
	if len(words) == 0 || i+len(words) > len(r.m.tokens) {
		return 0
	}
	for j, w := range words {
		t := r.m.tokens[i+j]
		taken := t.used == usedName || t.used == usedSpecialty
		if taken || j > 0 && t.end || !r.isWord(t, w) {
			return 0
		}
	}
	return len(words)
}

// isWord reports whether a token is a word of the directory, perhaps with a typo.
func (r *references) isWord(t token, e entry) bool {
	if t.folded == e.word || t.word == e.word || t.word == e.full {
		return true
	}
	return len(e.word) > 3 && !t.field && text.Similar(t.folded, e.word) && !vocabulary().plain[t.word]
}

// shortNameAt finds the beginning of a longer name: "limpeza" for "Limpeza de pele".
func (r *references) shortNameAt(name expression, i int) int {
	if len(name) < 2 || len(name[0].word) < 5 || isVisit(name[0].word) || r.commonServiceAt(i) > 1 {
		return 0
	}
	return r.phraseAt(name[:1], i)
}

// isVisit reports whether a word names any visit, and so no service in particular.
func isVisit(word string) bool {
	switch word {
	case "consulta", "avaliacao", "retorno", "atendimento", "exame", "sessao", "procedimento", "tratamento", "aplicacao", "cirurgia", "primeira":
		return true
	}
	return false
}

// commonServiceAt is how many tokens from i name a service that clinics commonly have.
func (r *references) commonServiceAt(i int) int {
	best := 0
	for _, words := range vocabulary().services[r.m.tokens[i].word] {
		best = max(best, r.exactAt(words, i))
	}
	return best
}

func (r *references) isVocabularyService(i int) bool { return r.commonServiceAt(i) > 0 }

// exactAt is how many tokens from i are the words, 0 when they are not.
func (r *references) exactAt(words []string, i int) int {
	if i+len(words) > len(r.m.tokens) {
		return 0
	}
	for j, w := range words {
		if t := r.m.tokens[i+j]; t.word != w || j > 0 && t.end {
			return 0
		}
	}
	return len(words)
}

// findSymptoms finds complaints that are commonly brought to one speciality. They name a professional only when the clinic
// has that speciality.
func (r *references) findSymptoms() {
	for i := range r.m.tokens {
		best, key := 0, ""
		for _, c := range vocabulary().complaints[r.m.tokens[i].word] {
			if n := r.exactAt(c.words, i); n > best {
				best, key = n, c.specialty
			}
		}
		if best > 0 {
			r.addSymptom(i, i+best, r.ofSpecialty(key)...)
		}
	}
}

// complaint is what patients say they have, and the speciality it is brought to.
type complaint struct {
	words     []string
	specialty string
}

func complaints() map[string][]complaint {
	out := map[string][]complaint{}
	for line := range strings.Lines(commonComplaints) {
		specialty, list, ok := strings.Cut(strings.TrimSpace(line), ": ")
		if !ok {
			continue
		}
		for phrase := range strings.SplitSeq(list, "|") {
			words := strings.Fields(phrase)
			out[words[0]] = append(out[words[0]], complaint{words, specialty})
		}
	}
	return out
}

func services() map[string][][]string {
	out := map[string][][]string{}
	for phrase := range strings.SplitSeq(strings.Join(strings.Fields(commonServices), " "), "|") {
		words := strings.Fields(phrase)
		out[words[0]] = append(out[words[0]], words)
	}
	return out
}

// commonServices are services of clinics, as [written] writes them.
const commonServices = `botox|toxina botulinica|preenchimento|preenchimento labial|preenchimento facial|harmonizacao facial|harmonizacao|
harmonizacao orofacial|peeling|microagulhamento|limpeza de pele|limpeza|limpeza dental|limpeza dentaria|limpeza dos dentes|
clareamento|clareamento dental|clareamento dentario|implante|implantes|implante dentario|implante capilar|
transplante capilar|canal|tratamento de canal|aparelho|aparelho dental|aparelho ortodontico|manutencao do aparelho|alinhador|
invisalign|extracao|extracao de dente|extracao de siso|extrair o siso|tirar o siso|siso|restauracao|obturacao|protese|
protese dentaria|dentadura|lente de contato|lentes de contato|lente de contato dental|faceta|facetas|coroa|profilaxia|raspagem|
gengivoplastia|bichectomia|lipo|lipoaspiracao|lipo de papada|criolipolise|depilacao|depilacao a laser|laser|drenagem|
drenagem linfatica|massagem|massagem modeladora|radiofrequencia|ultrassom microfocado|bioestimulador|
bioestimulador de colageno|skinbooster|fios de pdo|fio de pdo|secagem de vasinhos|escleroterapia|aplicacao de vasinhos|mamoplastia|
rinoplastia|abdominoplastia|blefaroplastia|otoplastia|silicone|protese de silicone|ultrassom|ultrassonografia|
ultrassom obstetrico|ultrassom transvaginal|transvaginal|morfologico|raio x|radiografia|panoramica|tomografia|ressonancia|
ressonancia magnetica|mamografia|densitometria|eletrocardiograma|ecg|ecocardiograma|eco|eco doppler|doppler|holter|
teste ergometrico|ergometrico|teste de esforco|teste da esteira|eletroencefalograma|eeg|eletroneuromiografia|polissonografia|
espirometria|endoscopia|colonoscopia|hemograma|exame de sangue|exames de sangue|exame de urina|exame de vista|exame de fezes|
exame admissional|exame demissional|exame periodico|exame toxicologico|coleta de sangue|papanicolau|preventivo|colposcopia|diu|
insercao de diu|colocacao de diu|biopsia|retirada de pinta|retirada de pintas|retirada de verruga|retirada de sinal|
cauterizacao|crioterapia|curativo|retirada de pontos|tirar os pontos|tirar pontos|vacina|vacinas|vacina da gripe|injecao|
infiltracao|viscossuplementacao|teste de alergia|teste alergico|teste do pezinho|teste da orelhinha|audiometria|bera|vasectomia|
postectomia|fimose|cirurgia de fimose|laqueadura|parto|cirurgia de catarata|catarata|cirurgia refrativa|tonometria|
mapeamento de retina|campimetria|fundo de olho|checkup|check up|soroterapia|acupuntura|pilates|rpg|ventosa|
ventosaterapia|reiki|quiropraxia|liberacao miofascial|psicoterapia|terapia de casal|terapia|avaliacao psicologica|laudo psicologico|
bioimpedancia|dieta|plano alimentar|teleconsulta|telemedicina|homeopatia|hipnose|hidrafacial|dermapen|sobrancelha|
micropigmentacao|manicure|corte de cabelo|design de sobrancelha|cilios|extensao de cilios|bronzeamento|ozonioterapia|
lavagem de ouvido|lavagem no ouvido|lavagem intestinal|cirurgia bariatrica|bariatrica|balao gastrico|emagrecimento`

// commonComplaints are complaints by the key of the speciality they are brought to.
const commonComplaints = `
cardiolog: coracao|palpitacao|palpitacoes|taquicardia|arritmia|pressao alta|pressao baixa|pressao|hipertensao|sopro|sopro no coracao|colesterol|colesterol alto|coracao acelerado|coracao disparado|dor no peito|dores no peito|peso no peito|aperto no peito|pontada no peito|pontadas no peito
dermatolog: pele|mancha|manchas|mancha na pele|manchas na pele|espinha|espinhas|acne|cravo|cravos|queda de cabelo|cabelo caindo|calvicie|caspa|micose|melasma|verruga|verrugas|pinta|pintas|alergia na pele|coceira|coceira na pele|coceiras|psoriase|dermatite|vitiligo|urticaria|rosacea|unha encravada|micose na unha|ruga|rugas|estrias|celulite|cicatriz|brotoeja|bolinhas na pele|feridas na pele|ferida na pele|pele seca|pele oleosa
clinico geral: suando frio|suor frio|desmaio|desmaios|gripe|gripado|gripada|resfriado|resfriada|febre|dor de garganta|garganta inflamada|garganta|dor de cabeca|dores de cabeca|cabeca doendo|enxaqueca|virose|tosse|tossindo|dor no corpo|dores no corpo|corpo doendo|mal estar|dor de barriga|dor na barriga|barriga|barriga irritada|barriga doendo|diarreia|vomito|vomitando|enjoo|enjoado|enjoada|nausea|nauseas|tontura|tonto|tonta|tonturas|fraqueza|cansaco|dengue|covid|infeccao|dor nas costas|dor na coluna|dor lombar|diabetes|anemia|nariz entupido|catarro|inflamacao|passando mal|checar a saude|dor de estomago|dor no estomago
gastroenterolog: azia|refluxo|gastrite|queimacao no estomago|estomago|prisao de ventre|intestino preso|intestino|hemorroida|hemorroidas|gases
ortoped: dor no joelho|joelho|dor no ombro|ombro|coluna|hernia de disco|torci o pe|torcao|entorse|fratura|tendinite|dor no pe|dor no quadril|lombar|dor na lombar|ciatico|dor no ciatico|tornozelo|dor no braco|dor na perna|escoliose|bursite|costas|dor muscular
ginecolog: menstruacao|menstruacao atrasada|colica|colicas|corrimento|gravidez|gravida|pre natal|anticoncepcional|menopausa|ovario|ovario policistico|mioma|candidiase|mama|nodulo no seio
urolog: urina|infeccao urinaria|infeccao de urina|ardencia ao urinar|dor ao urinar|prostata|pedra no rim|rim|rins|testiculo|disfuncao eretil|impotencia
oftalmolog: vista embacada|visao|visao embacada|olho|olhos|olho vermelho|conjuntivite|miopia|astigmatismo|tercol|glaucoma
otorrinolaringolog: ouvido|dor de ouvido|dor no ouvido|sinusite|rinite|zumbido|zumbido no ouvido|ronco|rouquidao|amigdalite|labirintite|ouvido entupido
odontolog: dor de dente|dente|dentes|dente quebrado|carie|gengiva|gengiva sangrando|mau halito|bruxismo
psicolog: ansiedade|depressao|ansioso|ansiosa|deprimido|deprimida|crise de ansiedade|estresse|burnout|luto|tristeza|autoestima
psiquiatr: insonia|bipolar|bipolaridade|tdah|crise de panico|sindrome do panico|panico|esquizofrenia
endocrinolog: tireoide|tiroide|hipotireoidismo|hipertireoidismo|obesidade|hormonio|hormonios|emagrecer
neurolog: formigamento|formigamentos|epilepsia|esquecimento|memoria|tremor|tremores|tremores nas maos|avc|parkinson|alzheimer
pneumolog: falta de ar|asma|bronquite|pneumonia|chiado no peito|apneia
alergolog: alergia|alergias|alergico|alergica
vascular: varizes|vasinhos|trombose|pernas inchadas
reumatolog: artrite|artrose|reumatismo|fibromialgia|lupus|gota
`
