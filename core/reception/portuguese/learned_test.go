package portuguese_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/secretary-api/secretary/core/reception"
	"github.com/secretary-api/secretary/core/reception/portuguese"
)

func TestTheClassifierDecidesWhereRulesGuess(t *testing.T) {
	t.Parallel()
	m := understand("tô precisando me tratar da ansiedade")
	if m.Intent != reception.Schedule || !strings.Contains(strings.Join(m.Reasons, "; "), "sounds like schedule") {
		t.Errorf("intent %s by %v, want schedule, as it sounds", m.Intent, m.Reasons)
	}
	for _, msg := range []string{"meu papagaio aprendeu a cantar", "xpto qwerty"} {
		if m := understand(msg); m.Intent != reception.Other || m.Confidence > 0.4 {
			t.Errorf("%q is %s (%.2f), want other and little confidence", msg, m.Intent, m.Confidence)
		}
	}
}

// TestTheClassifierNeverTakesCautionAway has signs that the rules know, among words that are no emergency anywhere else.
func TestTheClassifierNeverTakesCautionAway(t *testing.T) {
	t.Parallel()
	padding := strings.Repeat("bom dia, quero marcar uma consulta com o dentista amanhã, quanto custa? ", 6)
	for _, sign := range []string{"estou com dor no peito", "minha mãe não consegue respirar", "quero morrer"} {
		m := understand(padding + sign)
		if !m.Emergency || m.Intent != reception.HumanHandoff {
			t.Errorf("%q after much else: emergency %v, intent %s", sign, m.Emergency, m.Intent)
		}
	}
}

func TestNoEmergencyIsActedUponAsAVisit(t *testing.T) {
	t.Parallel()
	for _, msg := range []string{
		"marca pra hoje, meu pai caiu e não responde", "preciso de consulta, estou cuspindo sangue", "tem horário? não sinto minhas pernas",
		"meu filho parou de respirar, o que faço", "quero marcar psicólogo, penso em me cortar", "queimei o braço com óleo quente, atende hoje?",
		"metade do rosto dormente desde cedo", "a bombinha não resolve, crise de asma forte", "lábios roxos e sem ar",
		"acho que vou fazer uma besteira comigo", "ninguém vai sentir minha falta", "dor de cabeça mais forte da minha vida",
	} {
		if m := understand(msg); !m.Emergency || m.Intent != reception.HumanHandoff {
			t.Errorf("%q: emergency %v, intent %s, want an emergency for a person", msg, m.Emergency, m.Intent)
		}
	}
	for _, msg := range []string{
		"tenho medo de me machucar na fisioterapia", "a recepção não responde",
		"queimei minha língua no café", "quero me cuidar mais", "tive um acidente há dois anos", "sem ar de tanto rir",
	} {
		if m := understand(msg); m.Emergency {
			t.Errorf("%q is taken for an emergency: %v", msg, m.Reasons)
		}
	}
}

func TestAVisitOfOnesOwnIsNoNewOne(t *testing.T) {
	t.Parallel()
	for msg, want := range map[string]bool{
		"qual meu horário?": true, "que dia é a minha consulta": true, "minha consulta está confirmada?": true, "estou a caminho": true,
		"com qual médico ficou minha consulta?": true, "meu agendamento foi feito?": true,
		"qual horário tem?": false, "quero uma consulta amanhã": false, "cancela minha consulta": false, "obrigado": false,
	} {
		if m := understand(msg); m.OwnVisit != want || want && m.Intent != reception.Other {
			t.Errorf("%q: own visit %v, intent %s, want %v", msg, m.OwnVisit, m.Intent, want)
		}
	}
}

func TestReasonsQuoteTheMessage(t *testing.T) {
	t.Parallel()
	for msg, want := range map[string][]string{
		"Gostaria de agendar com a Dra. Maria": {`schedule: "Gostaria de agendar"`, `professional: "Dra. Maria", 1 of the clinic`},
		"socorro, minha mãe desmaiou":          {`emergency: "socorro"`},
		"parar":                                {`opt-out: "parar"`},
		"":                                     nil,
	} {
		if diff := cmp.Diff(want, understand(msg).Reasons); diff != "" {
			t.Errorf("%q (-want +got):\n%s", msg, diff)
		}
	}
}

func TestSilenceInOtherWords(t *testing.T) {
	t.Parallel()
	for msg, want := range map[string]bool{
		"não me liguem mais": true, "apaguem meu telefone do sistema": true, "deixem de me mandar promoção": true, "bloqueia meu número": true,
		"não me mande mais": true,

		"quero sair da clínica mais cedo": false, "posso parar com o remédio?": false, "não me liguem agora, estou no trabalho": false,
		"para de doer depois?": false, "meu número mudou": false, "pode parar o carro na porta?": false,
	} {
		if got := understand(msg).OptOut; got != want {
			t.Errorf("%q asks for silence: %v, want %v", msg, got, want)
		}
	}
}

// TestWordsDependOnNoClinic keeps what is learned apart from who works where.
func TestWordsDependOnNoClinic(t *testing.T) {
	t.Parallel()
	got := portuguese.Words("qro a Dra. Fulana amanhã às 15h")
	if len(got) < 3 || got[0] != "quero" || !strings.Contains(strings.Join(got, " "), "<name> <date> as <hour>") {
		t.Errorf("Words = %q", got)
	}
}
