package portuguese

import (
	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/reception"
)

// choicePhrases are how people choose without a number, ask for other choices, and put something right.
func choicePhrases() []phrases {
	return []phrases{
		{picksEarliest, 1, `
			o|a|os|as mais cedo|proximo|proxima|perto|rapido|breve
			mais rapido|breve|cedo possivel
			quanto antes
			^ ?bem|de cedo|cedinho $
			primeiro|primeira ?horario|vaga|dia ?que disponivel|tiver|aparecer|livre`},
		{picksLast, 1, `
			o|a|no|na|esse|essa|fico|quero|prefiro ultimo|ultima ?horario|opcao|data|da|deles|delas|mesmo $
			^ ultimo|ultima ?horario|opcao|data $
			mais tarde possivel`},
		{picksAny, 1, `
			qualquer um|uma|medico|medica|profissional|dr|dra|deles|delas
			tanto faz
			voce|voces|pode|podem ?que|pode escolhe|escolher|escolhem|decide|decidir|sugere|indica
			escolhe|escolha|sugere ai|para|voce|um|uma
			o que|quem tiver|vier|for|puder|estiver|der
			sem preferencia
			nao tenho|tem|ha preferencia
			indiferente
			quem|o|a tiver|estiver mais livre|cedo|disponivel|rapido`},
		{picksAnyTime, 1, `
			qualquer dia|horario|hora|data|horarios`},
		{shiftsLater, 1, `
			mais|bem tarde|tardinha|tardezinha
			mais para|pro ?o fim|final|tarde`},
		{shiftsEarlier, 1, `
			mais|bem cedo|cedinho
			mais para ?a manha`},
		{shiftsDay, 1, `
			outro|outra|outros|outras|noutro ?qualquer dia|data|dias|datas
			mais para frente|adiante`},
		{shiftsOn, 1, `
			mais opcoes|horarios|datas|opcao|horario|alternativas|vagas
			outro|outra|outros|outras ?tipo|de horario|horarios|opcao|opcoes|vaga|vagas|hora
			tem|ver|mostra|mostrar|quero mais $
			nenhum|nenhuma ?desses|dessas|deles|delas
			nao posso|consigo|da ?em nesses|nessas|esses|essas|nenhum|nenhuma`},
		{wantsAnother, 1, `
			outro|outra|outros|outras medico|medica|profissional|dr|dra|especialista|medicos|profissionais
			trocar|mudar|troca|muda|troque|mude|trocava ?de|o|a ?meu medico|medica|profissional|dr|dra|especialista
			com outro|outra ?pessoa $
			nao .. com ele|ela $
			nao ?quero|gosto|gostei ?com|de|desse|dessa esse|essa|desse|dessa|nesse ?mesmo medico|medica|profissional|dr|dra`},
		{amendsName, 1, `
			nome|sobrenome ?meu|dele|dela ?esta|foi|ficou|veio|saiu|e ?nao ?e|esta errado|errada|incorreto|trocado|com|diferente|outro|incompleto
			corrigir|corrige|corrija|corrigindo|mudar|trocar|alterar|arrumar|arruma|errei|errou|erraram|escrevi|escreveu ?o|no|errado ?o|no ?meu nome|sobrenome
			nao ?e|era esse|este ?o ?meu nome
			meu nome nao e`},
		{amendsBirth, 1, `
			nascimento|aniversario ?esta|foi|ficou|saiu|e ?nao ?e|esta errado|errada|incorreto|incorreta|trocado|trocada|outra|diferente
			corrigir|corrige|corrija|corrigindo|mudar|alterar|arrumar|errei|errou|erraram ?o|a|na|no ?minha|meu ?data ?de nascimento|aniversario`},
		{amendsPhone, 1, `
			telefone|numero|whatsapp ?esta|foi|ficou|saiu|e|mudou ?nao ?e|esta errado|errada|incorreto|trocado|outro|diferente|mudou
			corrigir|corrige|corrija|corrigindo|mudar|trocar|alterar|arrumar|errei|errou|erraram ?o|no ?meu telefone|numero|whatsapp`},
	}
}

// choose reads a choice in words and the wish for other choices. They refer to a list, so what is being arranged decides
// which of them can be meant.
func (m *message) choose(out *reception.Meaning, asides []hit) {
	out.Wordless = len(m.tokens) == 0
	out.Another = has(m, asides, wantsAnother)
	switch {
	case out.Option > 0:
	case has(m, asides, picksLast):
		out.Pick = reception.Last
	case has(m, asides, picksEarliest):
		out.Pick = reception.Earliest
	case m.says(asides, picksAny), out.Professional == "" && m.says(asides, picksAnyTime):
		out.Pick = reception.Any
	}
	switch {
	case out.Pick != reception.NoPick:
	case has(m, asides, shiftsLater):
		out.Shift = reception.Later
	case has(m, asides, shiftsEarlier):
		out.Shift = reception.Earlier
	case m.says(asides, shiftsDay):
		out.Shift = reception.OtherDay
	case m.says(asides, shiftsOn):
		out.Shift = reception.More
	}
	for _, a := range []struct {
		signal signal
		datum  reception.Datum
	}{{amendsName, reception.NameDatum}, {amendsBirth, reception.BirthDateDatum}, {amendsPhone, reception.PhoneDatum}} {
		if out.Amends == reception.NoDatum && m.says(asides, a.signal) {
			out.Amends = a.datum
		}
	}
}

// says reports whether a signal is given, where a "não" before it takes nothing back: "não, outro dia", "não tem mais opções?".
func (m *message) says(hits []hit, s signal) bool {
	for _, h := range hits {
		if h.signal == s {
			return true
		}
	}
	return false
}

// bounds reads hours that only bound a wish: "depois das 17h", "antes das 10", "entre as 14 e as 16".
func (m *message) bounds(hours []clock, period reception.Period) (from, until *agenda.LocalTime) {
	for i, c := range hours {
		at := c.localTime(period)
		switch {
		case c.refused:
			continue
		case m.isBound(c.start, "depois|apos|partir"):
			from = &at
		case m.isBound(c.start, "antes|ate"):
			until = &at
		case i+1 < len(hours) && m.isRange(c, hours[i+1]):
			end := hours[i+1].localTime(period)
			return &at, &end
		}
	}
	return from, until
}

// isBound reports whether one of the words stands before token i, with no more than little words between.
func (m *message) isBound(i int, words string) bool {
	for j := i - 1; j >= 0 && j >= i-3 && !m.tokens[j+1].end; j-- {
		if isAmong(m.wordAt(j), words) {
			return true
		}
		if !isAmong(m.wordAt(j), "das|da|do|de|as|a|o|dos") {
			return false
		}
	}
	return false
}

// isRange reports whether two hours are the ends of one: "das 14 às 16", "entre as 14 e as 16".
func (m *message) isRange(first, second clock) bool {
	between := m.isPhrase(first.end, "as|e|ate") && second.start <= first.end+2
	return between && (m.isBound(first.start, "entre") || m.wordAt(first.start-1) == "das")
}

// gaveUp reports whether the message drops what is being arranged: "deixa pra lá", "esquece".
func (m *message) gaveUp() bool {
	i := 0
	for i < len(m.tokens) && (isOpening(m.tokens[i].word) || m.tokens[i].word == "nao" && m.endsOrPauses(i+1)) {
		i++
	}
	switch m.wordAt(i) {
	case "deixa", "deixe", "esquece", "esqueca":
		return m.isPhrase(i+1, "para", "la|depois") || m.isPhrase(i+1, "quieto|isso|tudo") || m.isPhrase(i+1, "como|assim", "esta|mesmo") || m.endsOrPauses(i+1)
	}
	return false
}
