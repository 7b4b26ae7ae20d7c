package portuguese_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/reception"
	"github.com/secretary-api/secretary/core/reception/portuguese"
)

func TestYesAndNo(t *testing.T) {
	t.Parallel()
	for want, messages := range map[string][]string{
		"yes": {
			"sim", "Sim!", "s", "simmm", "ok", "okay", "pode ser", "isso", "isso mesmo", "confirmo", "perfeito", "👍", "claro", "bora", "pode marcar",
			"tá bom", "ta", "com certeza", "sim, pode confirmar", "blz", "quero sim", "perfeito, obrigada", "sim, às 15h", "combinado", "por mim tudo certo",
		},
		"no": {
			"não", "n", "nao quero", "negativo", "👎", "melhor não", "não, obrigado", "não, com a Dra. Maria", "nops", "errado", "não é isso", "deixa pra lá",
			"agora não", "não, prefiro às 16h", "não quero mais",
		},
		"neither": {
			"bom dia", "sim, mas com a Dra. Maria", "certo?", "quanto custa?", "quero cancelar", "pode ser outro dia?", "não tem outro horário?", "obrigado",
			"Maria", "simone", "", "não consigo respirar", "pare de me mandar tanta mensagem",
			"acho que sim", "acho q sim, pode ser", "quero marcar uma consulta", "quero outra consulta",
			"melhor à s15h", "s15h",
		},
	} {
		for _, msg := range messages {
			m := portuguese.Understand(msg, at(reception.Confirming))
			got := "neither"
			switch {
			case m.Yes && m.No:
				got = "both"
			case m.Yes:
				got = "yes"
			case m.No:
				got = "no"
			}
			if got != want {
				t.Errorf("%q is %s, want %s", msg, got, want)
			}
		}
	}
}

func TestYesHasNoIntent(t *testing.T) {
	t.Parallel()
	if m := portuguese.Understand("sim", at(reception.Confirming)); m.Intent != reception.Other {
		t.Errorf("intent = %s, want other", m.Intent)
	}
}

func TestAWishIsNoYes(t *testing.T) {
	t.Parallel()
	for _, msg := range []string{"quero botox", "quero o Dr. João", "pode marcar para nós?", "quero marcar"} {
		if understand(msg).Yes {
			t.Errorf("%q says yes, and nothing was asked", msg)
		}
	}
}

func TestACancelledConfirmationIsNoYes(t *testing.T) {
	t.Parallel()
	if m := portuguese.Understand("pode cancelar", at(reception.Confirming)); m.Yes {
		t.Error(`"pode cancelar" confirms a booking`)
	}
	if m := portuguese.Understand("pode cancelar", at(reception.Cancelling)); !m.Yes {
		t.Error(`"pode cancelar" does not confirm the cancellation`)
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	for state, messages := range map[reception.State]map[string]int{
		reception.ChoosingProfessional: {
			"2": 2, "o segundo": 2, "a segunda": 2, "opção 3": 3, "opcao dois": 2, "quero o 1": 1, "2 por favor": 2, "1️⃣": 1, "pode ser a 2": 2,
			"primeira opção": 1, "10 horas": 0, "tenho 2 filhos": 0, "99": 0, "dr pedro": 0,
		},
		reception.ChoosingSlot: {
			"2": 2, "o primeiro horário": 1, "segunda": 0, "segunda-feira": 0, "às 15h": 0, "a terceira": 3, "1 ou 2": 0,
		},
		reception.CollectingPatient: {"2": 2, "12": 12, "12031985": 0, "rua 2": 0, "2 filhos": 0, "11 95555-0011": 0},
		reception.Idle:              {"quero o primeiro horário disponível": 0, "3": 3},
	} {
		for msg, want := range messages {
			if got := portuguese.Understand(msg, at(state)).Option; got != want {
				t.Errorf("in %s, %q chooses %d, want %d", state, msg, got, want)
			}
		}
	}
}

func TestASecondChoiceIsNoMonday(t *testing.T) {
	t.Parallel()
	if m := portuguese.Understand("a segunda", at(reception.ChoosingProfessional)); !m.Date.IsZero() {
		t.Errorf("among professionals, %q is %s, want no day", "a segunda", m.Date)
	}
	for msg, want := range map[string]int{"a segunda": 2, "a segunda por favor": 2, "segunda": 0, "a de segunda": 0, "para a segunda": 0, "a quinta": 0} {
		in := at(reception.Rescheduling)
		in.Visits = 3
		if m := portuguese.Understand(msg, in); m.Option != want || m.Date.IsZero() != (want > 0) {
			t.Errorf("of three visits, %q chooses %d on %v, want %d", msg, m.Option, m.Date, want)
		}
	}
	if m := portuguese.Understand("segunda", at(reception.ChoosingSlot)); m.Date.Weekday() != time.Monday {
		t.Errorf("among slots, %q is %s, want a Monday", "segunda", m.Date)
	}
}

func TestThisNumber(t *testing.T) {
	t.Parallel()
	for msg, want := range map[string]bool{
		"esse mesmo": true, "este mesmo número": true, "é o mesmo do whatsapp": true, "pode usar esse": true, "esse msm": true, "esse número aqui": true,
		"11 95555-0011": false, "Ana Souza": false, "sim": false, "não é esse número": false,
	} {
		if got := portuguese.Understand(msg, at(reception.CollectingPatient)).ThisNumber; got != want {
			t.Errorf("%q means this number: %v, want %v", msg, got, want)
		}
	}
}

func TestPatientData(t *testing.T) {
	t.Parallel()
	born := func(year int, month time.Month, day int) agenda.Date {
		return agenda.Date{Year: year, Month: month, Day: day}
	}
	const mobile = "+5511955550011"
	for msg, want := range map[string]agenda.Patient{
		"Ana Souza, 12/03/1985, 11 95555-0011":                           {Name: "Ana Souza", BirthDate: born(1985, 3, 12), Phone: mobile},
		"Ana Souza\n12/03/1985\n(11) 95555-0011":                         {Name: "Ana Souza", BirthDate: born(1985, 3, 12), Phone: mobile},
		"Nome: Carlos Alberto Dias\nNascimento: 1/2/70\nTel: 1125550011": {Name: "Carlos Alberto Dias", BirthDate: born(1970, 2, 1), Phone: "+551125550011"},
		"ana paula de souza":                                             {Name: "Ana Paula de Souza"},
		"JOÃO DOS REIS":                                                  {Name: "João dos Reis"},
		"meu nome é joão pedro da silva nasci em 12-03-85":               {Name: "João Pedro da Silva", BirthDate: born(1985, 3, 12)},
		"bom dia, me chamo Rita de Cássia Lima, 3 de maio de 79":         {Name: "Rita de Cássia Lima", BirthDate: born(1979, 5, 3)},
		"sou a Maria Costa":                                              {Name: "Maria Costa"},
		"Joana D'Arc Ferreira":                                           {Name: "Joana D'Arc Ferreira"},
		"12031985 11955550011":                                           {BirthDate: born(1985, 3, 12), Phone: mobile},
		"+55 (11) 95555-0011":                                            {Phone: mobile},
		"Luiz Souza e meu telefone é 11955550011":                        {Name: "Luiz Souza", Phone: mobile},
		"quero com a Dra. Maria Costa":                                   {},
		"cpf 123.456.789-09":                                             {},
		"meu cpf é 11955550011":                                          {},
		"31/02/1985":                                                     {},
		"Ana":                                                            {},
		"quanto custa?":                                                  {},
		"não sei ainda":                                                  {},
		"pode ser amanhã de manhã":                                       {},
	} {
		m := portuguese.Understand(msg, at(reception.CollectingPatient))
		if diff := cmp.Diff(want, m.Patient); diff != "" {
			t.Errorf("%q (-want +got):\n%s", msg, diff)
		}
	}
}

func TestPatientDataUnaskedNeedAMarker(t *testing.T) {
	t.Parallel()
	for msg, want := range map[string]agenda.Patient{
		"Ana Souza":          {},
		"11 95555-0011":      {},
		"me chamo Ana Souza": {Name: "Ana Souza"},
		"meu nome é ana souza e quero marcar uma consulta": {Name: "Ana Souza"},
		"meu telefone é 11 95555-0011":                     {Phone: "+5511955550011"},
		"quero marcar com o Dr. Pedro dia 15/12/2026":      {},
	} {
		if diff := cmp.Diff(want, understand(msg).Patient); diff != "" {
			t.Errorf("%q (-want +got):\n%s", msg, diff)
		}
	}
}
