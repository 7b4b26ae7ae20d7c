package portuguese

import "github.com/secretary-api/secretary/core/reception"

// answers reads what the message says to a question: yes, no, a number of a list, "este mesmo número".
func (m *message) answers(out *reception.Meaning, hits []hit, in reception.Context) {
	state := in.State
	m.readOption(out, in)
	m.readThisNumber(out, state)
	yes, sure := m.agreement(in)
	no := m.refusal() || isArranging(state) && has(m, hits, givesUp)
	switch {
	case no && !yes:
		out.No = true
	case yes && !no && (sure || out.Option == 0):
		out.Yes = true
	}
	if out.Option > 0 && !sure {
		out.Yes = false // "pode ser a 2" chooses
	}
}

// maxOption is the longest list that is chosen from.
const maxOption = 20

// readOption reads "2", "opção 2", "o segundo". A bare number answers a list; where the patient's data were
// asked for it does so alone only, as to "para quem é a consulta?".
func (m *message) readOption(out *reception.Meaning, in reception.Context) {
	if in.State == reception.CollectingPatient && len(m.tokens) != 1 {
		return
	}
	for i, t := range m.tokens {
		if t.used == usedHour && m.isBareOrdinal(i, in) {
			continue
		}
		n := 0
		switch {
		case t.used != unused && (t.used != usedDate || !m.isBareOrdinal(i, in)):
			continue
		case t.isNumber() && m.isOptionNumber(i):
			n = t.number()
		case ordinal(t.word) > 0 && m.isOptionOrdinal(i, in.State):
			n = ordinal(t.word)
		case cardinal(t.word) > 0 && m.isPhrase(i-1, "opcao|numero|alternativa|item"):
			n = cardinal(t.word)
		}
		if n < 1 || n > maxOption {
			continue
		}
		if m.isRefused(i, i+1) {
			continue
		}
		out.Option = n
		if t.used == usedDate {
			out.Date.Year, out.Date.Month, out.Date.Day = 0, 0, 0
		}
		return
	}
}

// isOptionNumber reports whether the number at i stands for itself: alone, or after "opção", "a", "quero".
func (m *message) isOptionNumber(i int) bool {
	switch m.wordAt(i - 1) {
	case "opcao", "numero", "alternativa", "item", "opcoes", "n":
		return true
	}
	if m.isCount(i+1) || m.isHourAhead(i) || m.tokens[i].sep == "/" || m.tokens[i].sep == "." || m.tokens[i].sep == ":" {
		return false
	}
	for j, t := range m.tokens {
		if j != i && !isFiller(t.word) && !isAgreement(t.word) && t.used == unused {
			return false
		}
		if j != i && t.isNumber() {
			return false // one of several numbers says nothing
		}
	}
	return true
}

// isBareOrdinal reports whether "a segunda" at i counts: among professionals nobody asked for a day, and of the visits that
// were listed it is one; "segunda", "a de segunda" and "para a segunda" are the day.
func (m *message) isBareOrdinal(i int, in reception.Context) bool {
	n := ordinal(m.wordAt(i))
	if n == 0 || len(m.tokens) > 4 || m.wordAt(i+1) == "feira" {
		return false
	}
	return in.State == reception.ChoosingProfessional || n <= in.Visits && m.wordAt(i-1) == "a" && !m.isPhrase(i-2, "para|de|da|na")
}

// isOptionOrdinal reports whether the ordinal at i chooses: "o segundo", "primeira opção", "o primeiro horário".
func (m *message) isOptionOrdinal(i int, state reception.State) bool {
	switch m.wordAt(i + 1) {
	case "opcao", "da", "alternativa", "dessa", "desses", "item":
		return state != reception.Idle || m.wordAt(i+1) != "da"
	case "horario", "medico", "medica", "profissional", "vaga", "data", "consulta", "dr", "dra":
		return state != reception.Idle && state != reception.Booked
	}
	if state == reception.Idle || state == reception.Booked {
		return len(m.tokens) <= 2 && i == len(m.tokens)-1
	}
	for j, t := range m.tokens {
		if j != i && t.used == unused && !isFiller(t.word) && !isAgreement(t.word) {
			return false
		}
	}
	return true
}

// ordinal is the value of "primeiro" to "quinto", 0 of any other word.
func ordinal(word string) int {
	switch word {
	case "primeiro", "primeira":
		return 1
	case "segundo", "segunda":
		return 2
	case "terceiro", "terceira":
		return 3
	case "quarto", "quarta":
		return 4
	case "quinto", "quinta":
		return 5
	}
	return 0
}

// readThisNumber reads "este mesmo", "o mesmo do WhatsApp", when a telephone is asked for or spoken of.
func (m *message) readThisNumber(out *reception.Meaning, state reception.State) {
	speaksOfIt := false
	for _, t := range m.tokens {
		switch t.word {
		case "numero", "whatsapp", "telefone":
			speaksOfIt = true
		}
	}
	if state != reception.CollectingPatient && !speaksOfIt {
		return
	}
	for i := range m.tokens {
		switch {
		case m.isPhrase(i, "este|esse|nesse|neste|desse|deste", "mesmo|numero|whatsapp|telefone|aqui|ai|daqui"),
			m.isPhrase(i, "mesmo|proprio", "numero|whatsapp|telefone|deste|desse|daqui|do|da|que"),
			m.isPhrase(i, "numero|telefone|whatsapp", "mesmo|atual|daqui|aqui"),
			m.isPhrase(i, "e|o|pode|no", "mesmo|este|esse|proprio|ser|usar") && m.isPhrase(i+1, "mesmo|este|esse|proprio") && m.endsSoon(i+2),
			m.isPhrase(i, "usar|ser|e", "este|esse") && m.endsSoon(i+2),
			m.isPhrase(i, "este|esse|mesmo") && len(m.tokens) <= 3 && state == reception.CollectingPatient:
			out.ThisNumber = m.wordAt(i-1) != "nao" && m.wordAt(i-2) != "nao"
			return
		}
	}
}

// endsSoon reports whether a sentence or a part of it ends before token i, or a word of politeness stands there.
func (m *message) endsSoon(i int) bool {
	return i >= len(m.tokens) || m.tokens[i].end || m.tokens[i].comma || isFiller(m.tokens[i].word) || m.isPhrase(i, "numero|whatsapp|telefone")
}

// agreement reports whether the message agrees and wants nothing else. sure tells "sim" from "pode ser".
func (m *message) agreement(in reception.Context) (yes, sure bool) {
	agreed, weak, named := 0, 0, false
	for i, t := range m.tokens {
		switch {
		case t.used == usedDate, t.used == usedHour, t.used.isReference():
			named = true
		case m.isStrayS(i):
			return false, false
		case isAgreement(t.word), m.isPhrase(i, "esta", "bom|otimo|legal|ok"), t.word == "esta" && len(m.tokens) == 1:
			agreed++
			sure = sure || t.word == "sim" || t.word == "confirmo" || t.word == "isso"
		case isWeakAgreement(t.word):
			weak++
		case isFiller(t.word):
		case m.isActOf(i, in.State):
			if m.wordAt(i-1) == "pode" || m.wordAt(i-1) == "quero" || m.wordAt(i-1) == "vamos" {
				weak++
			}
		case m.isPhrase(i-1, "um|uma|outro|outra", "horario|consulta|atendimento|medico|servico"):
			return false, false // "quero marcar uma consulta" begins something, and agrees to nothing
		case m.isPhrase(i, "horario|consulta|dia|cancelamento|agendamento|presenca|data|atendimento|medico|servico"):
		default:
			return false, false
		}
	}
	if named || !in.Asked && (in.State == reception.Idle || in.State == reception.Booked) {
		weak = 0 // "quero" with a name is a wish
	}
	if agreed+weak == 0 || m.asks() && !sure || m.doubts() && in.State.Writes() {
		return false, false
	}
	return true, sure
}

// doubts reports whether what is said is only thought: "acho que sim".
func (m *message) doubts() bool {
	for i := range m.tokens {
		if m.isPhrase(i, "acho", "que|sim") {
			return true
		}
	}
	return false
}

// isStrayS reports whether the "s" at i is a piece of a word that was broken, and no "sim": "melhor à s15h".
func (m *message) isStrayS(i int) bool {
	if m.tokens[i].folded != "s" {
		return false
	}
	glued := i+1 < len(m.tokens) && m.tokens[i+1].sep == ""
	return glued || i > 0 && !m.breaksBefore(i) && !isAgreement(m.tokens[i-1].word)
}

// isActOf reports whether the word at i is what a question in the state proposes to do.
func (m *message) isActOf(i int, state reception.State) bool {
	switch state {
	case reception.Cancelling:
		return m.isPhrase(i, "cancelar|cancela|desmarcar|confirmar|continuar|prosseguir")
	case reception.Rescheduling:
		return m.isPhrase(i, "remarcar|reagendar|mudar|trocar|confirmar|continuar|prosseguir")
	case reception.ChoosingProfessional, reception.CollectingPatient, reception.ChoosingSlot, reception.Confirming:
		return m.isPhrase(i, "marcar|agendar|reservar|confirmar|marca|agenda|reserva|fechar|continuar|prosseguir|marque|agende|remarcar|mudar")
	case reception.Idle, reception.Booked, reception.HandedOff, reception.OptedOut:
	}
	return false
}

// asks reports whether the message ends with a question mark.
func (m *message) asks() bool {
	for _, r := range m.tail {
		if r == '?' {
			return true
		}
	}
	return false
}

// isAgreement reports whether a word agrees.
func isAgreement(word string) bool {
	switch word {
	case "sim", "claro", "isso", "ok", "beleza", "confirmo", "confirmado", "confirmada", "confirma", "perfeito", "perfeita", "certo", "certeza",
		"correto", "correta", "exato", "exatamente", "positivo", "combinado", "fechado", "fechou", "otimo", "otima", "bora", "uhum", "aham", "ahan", "yes",
		"show", "top", "joia", "demorou", "aceito", "topo", "concordo", "maravilha", "excelente", "tranquilo", "simsim",
		"sip", "yep", "afirmativo", "perfeitamente", "certinho", "massa", "confirmar", "confirme", "logico", "obvio", "obviamente", "concordamos":
		return true
	}
	return false
}

// isWeakAgreement reports whether a word agrees when the message has nothing else.
func isWeakAgreement(word string) bool {
	switch word {
	case "quero", "pode", "podemos", "vamos", "serve", "fico", "legal", "dale", "adorei", "amei", "gostei", "bem":
		return true
	}
	return false
}

// isFiller reports whether a word neither agrees nor wants anything.
func isFiller(word string) bool {
	switch word {
	case "por", "favor", "obrigado", "obrigada", "oi", "ola", "bom", "boa", "dia", "tarde", "noite", "entao", "ai", "o", "a", "e", "ser", "esta", "com", "tudo",
		"muito", "ja", "mim", "para", "de", "do", "da", "no", "na", "os", "as", "eu", "me", "gostaria", "quero", "queria", "prefiro", "escolho", "vou", "fico", "esse",
		"essa", "este", "numero", "opcao", "mesmo", "que", "hein", "viu", "ne", "ta", "bem", "assim", "voce", "voces", "amem", "melhor",
		"dr", "dra", "ele", "ela", "la", "um", "uma", "pode", "acho", "seria", "so", "kk", "kkk", "rs", "amanha", "hoje", "horario", "pelo", "pela", "tchau", "valeu",
		"ah", "eh", "aqui", "gente", "feira", "is", "vamos", "sera", "estou":
		return true
	}
	return false
}

// refusal reports whether the message says no, perhaps with what is wanted instead.
func (m *message) refusal() bool {
	if len(m.tokens) == 0 {
		return false
	}
	i := 0
	for i < len(m.tokens) && isOpening(m.tokens[i].word) {
		i++
	}
	switch m.wordAt(i) {
	case "nao", "nops", "nope", "negativo", "no", "nem", "jamais", "nunca":
	case "errado", "incorreto", "errada":
		return true
	case "melhor", "acho", "agora", "ainda", "hoje", "obrigado", "isso", "esta", "agradeco":
		return m.wordAt(i+1) == "nao" && m.endsOrPauses(i+2) || m.isPhrase(i, "acho|melhor", "que|melhor", "nao") && m.endsOrPauses(i+3) ||
			m.isPhrase(i, "esta", "errado|errada") || m.isPhrase(i, "obrigado", "mas", "nao")
	case "deixa", "deixe", "esquece", "esqueca":
		return m.isPhrase(i+1, "para", "la|depois") || m.isPhrase(i+1, "quieto|assim") || m.endsOrPauses(i+1)
	default:
		return false
	}
	if m.wordAt(i) == "no" || m.wordAt(i) == "nem" || m.wordAt(i) == "nunca" {
		return m.endsOrPauses(i + 1)
	}
	if m.endsOrPauses(i+1) || m.wordAt(i) == "negativo" {
		return true
	}
	switch m.wordAt(i + 1) {
	case "nao", "obrigado", "e", "era", "foi", "com", "quero", "queria", "prefiro", "desejo", "gostei", "gosto", "confirmo", "esta", "mas", "por", "agora", "isso",
		"concordo", "aceito", "ele", "ela", "serve", "precisa", "preciso", "pode", "gostaria", "mesmo", "o", "a", "valeu":
		return true
	}
	return m.tokens[i+1].used.isReference() || m.tokens[i+1].used == usedDate || m.tokens[i+1].used == usedHour
}

// isOpening reports whether a word may stand before "não" and changes nothing.
func isOpening(word string) bool {
	switch word {
	case "oi", "ola", "ah", "eh", "hum", "hmm", "ops", "opa", "bom", "entao", "olha", "poxa", "puts", "ai", "e", "mas":
		return true
	}
	return false
}

// endsOrPauses reports whether the message or a part of it ends before token i.
func (m *message) endsOrPauses(i int) bool {
	return i >= len(m.tokens) || m.tokens[i].end || m.tokens[i].comma
}
