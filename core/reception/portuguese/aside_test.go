package portuguese_test

import (
	"testing"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/reception"
	"github.com/secretary-api/secretary/core/reception/portuguese"
)

func TestTopics(t *testing.T) {
	t.Parallel()
	for want, messages := range map[reception.Topic][]string{
		reception.AskAddress: {
			"onde fica?", "onde fica a clínica", "qual o endereço?", "me manda a localização", "como chego aí?", "e onde é?", "vcs ficam em q bairro", "fica perto do metrô?",
			"não achei o endereço", "bom dia, onde vcs atendem?", "ENDEREÇO", "endereço por favor",
		},
		reception.AskPayment: {
			"aceitam cartão?", "tem pix?", "parcela em quantas vezes?", "qual a forma de pagamento", "dá pra pagar no débito?", "tem desconto à vista?", "como eu pago",
			"divide no cartão?",
		},
		reception.AskInsurance: {
			"vcs aceitam unimed?", "atende pelo bradesco?", "tem convênio?", "qual plano vocês atendem", "atendem plano de saude?", "cobre amil", "meu convenio é a cassi, pode?",
		},
		reception.AskAssistant: {
			"vc é um robô?", "estou falando com quem?", "qual seu nome?", "isso é uma pessoa?", "é um bot?", "quem tá falando", "to falando com uma máquina?", "com quem eu falo?",
			"você é humana?",
		},
		reception.AskMedical: {
			"posso tomar dipirona?", "o que pode ser essa mancha?", "meu exame deu alterado, é grave?", "qual remédio pra dor de cabeça", "qual a dose de paracetamol?",
			"pode me receitar um antibiótico", "será que é câncer?", "o que eu faço pra febre?", "grávida pode fazer botox?", "me explica meu exame por favor",
			"meu colesterol deu alto", "quantas gotas de dipirona?", "é normal doer depois?", "posso parar de tomar losartana?", "o que será que eu tenho",
		},
		reception.AskPractical: {"tem estacionamento?", "quando sai o resultado do exame?", "preciso levar algum documento?"},
		reception.NoTopic: {
			"quero marcar uma consulta", "quanto custa o botox?", "oi", "sim", "2", "amanhã às 10", "quero o dr joão", "estou com dor nas costas, quero consulta", "cancela minha consulta",
			"quem atende criança?", "onde está minha consulta marcada", "pode ser na terça", "meu nome é Ana Souza", "vou pensar e te aviso", "quero tomar vacina",
		},
	} {
		for _, msg := range messages {
			if got := understand(msg).Topic; got != want {
				t.Errorf("%q asks about %q, want %q", msg, got, want)
			}
		}
	}
}

func TestThePatientsDataAskAboutNothing(t *testing.T) {
	t.Parallel()
	for _, msg := range []string{
		"Ana Souza, 12/03/1985, este número", "este número mesmo", "Maria do Socorro Lima", "12/03/85", "11 95555-0011", "meu nome é Ana Souza e nasci em 12/03/1985",
		"telefone 11 95555-0011", "pode ser este do whatsapp", "José Dias, nascimento 01/02/1990, contato 11955550011", "Ana Souza", "ana souza 12031985",
	} {
		if m := portuguese.Understand(msg, at(reception.CollectingPatient)); m.Topic != reception.NoTopic || m.Amends != reception.NoDatum || m.Angry || m.Another || m.Shift != reception.NoShift {
			t.Errorf("%q asks about %q: %+v", msg, m.Topic, m)
		}
	}
}

func TestAngerIsAimedAtTheClinic(t *testing.T) {
	t.Parallel()
	for want, messages := range map[bool][]string{
		true: {
			"que absurdo", "péssimo atendimento", "vou processar vocês", "isso é uma palhaçada", "vcs sao uns incompetentes", "vou no procon", "falta de respeito",
			"QUE VERGONHA ISSO", "nunca mais volto aí", "estou indignada com essa clínica", "vai se foder", "seu robô burro", "vocês só me enrolam", "cansei de esperar",
			"que merda de atendimento", "robô inútil", "bando de ladrões", "porra", "vou reclamar no reclame aqui",
		},
		false: {
			"minha filha está com raiva do mundo", "a pele tá horrível, quero dermatologista", "que dor do caralho, tem horário hoje?", "to com uma puta dor nas costas", "que ótimo!",
			"tenho vergonha de ir ao médico", "estou péssima, quero uma consulta", "meu cabelo tá um lixo", "me sinto um lixo ultimamente", "não tem problema nenhum",
			"o atendimento foi ótimo", "nossa que legal", "tomei um remédio horrível", "ele é meio burro pra essas coisas", "não é um absurdo esse preço", "sou bem ansiosa", "estou morta de cansada",
		},
	} {
		for _, msg := range messages {
			if got := understand(msg).Angry; got != want {
				t.Errorf("%q is angry: %v, want %v", msg, got, want)
			}
		}
	}
}

func TestChoicesInWords(t *testing.T) {
	t.Parallel()
	for msg, want := range map[string]reception.Pick{
		"o mais cedo": reception.Earliest, "quanto antes": reception.Earliest, "o mais rápido possível": reception.Earliest, "o mais próximo": reception.Earliest,
		"o último": reception.Last, "pode ser o último horário": reception.Last, "a ultima": reception.Last,
		"qualquer um": reception.Any, "tanto faz": reception.Any, "qualquer horário": reception.Any, "vc escolhe": reception.Any, "não tenho preferência": reception.Any,
		"2": reception.NoPick, "mais cedo": reception.NoPick, "a segunda opção": reception.NoPick, "quarta de manhã": reception.NoPick, "sim": reception.NoPick,
	} {
		if got := portuguese.Understand(msg, at(reception.ChoosingSlot)).Pick; got != want {
			t.Errorf("%q picks %q, want %q", msg, got, want)
		}
	}
}

func TestOptionsInWords(t *testing.T) {
	t.Parallel()
	for msg, want := range map[string]int{"a segunda opção": 2, "a opção 3": 3, "o primeiro": 1, "2️⃣": 2, "opcao dois": 2, "fico com a 4": 4, "o terceiro horário": 3} {
		if got := portuguese.Understand(msg, at(reception.ChoosingSlot)).Option; got != want {
			t.Errorf("%q is option %d, want %d", msg, got, want)
		}
	}
}

func TestShifts(t *testing.T) {
	t.Parallel()
	for msg, want := range map[string]reception.Shift{
		"mais tarde": reception.Later, "tem mais tarde?": reception.Later, "não tem um horário mais tarde?": reception.Later,
		"mais cedo": reception.Earlier, "um pouco mais cedo": reception.Earlier,
		"outro dia": reception.OtherDay, "tem outra data?": reception.OtherDay, "não, outro dia": reception.OtherDay, "mais pra frente": reception.OtherDay,
		"mais opções": reception.More, "tem outros horários?": reception.More, "nenhum desses": reception.More, "não posso nesses": reception.More,
		"o mais cedo": reception.NoShift, "amanhã às 10": reception.NoShift, "sim": reception.NoShift,
	} {
		if got := portuguese.Understand(msg, at(reception.ChoosingSlot)).Shift; got != want {
			t.Errorf("%q shifts %q, want %q", msg, got, want)
		}
	}
}

func TestBoundsAreNoHours(t *testing.T) {
	t.Parallel()
	for msg, want := range map[string][2]string{
		"só depois das 17h":           {"17:00", "-"},
		"a partir das 14":             {"14:00", "-"},
		"depois das 3 da tarde":       {"15:00", "-"},
		"antes das 10":                {"-", "10:00"},
		"até as 11h30":                {"-", "11:30"},
		"entre as 14 e as 16":         {"14:00", "16:00"},
		"entre 14h e 16h":             {"14:00", "16:00"},
		"das 8 às 10":                 {"08:00", "10:00"},
		"o das 10":                    {"-", "-"},
		"às 10":                       {"-", "-"},
		"depois de amanhã às 9":       {"-", "-"},
		"quarta, depois das 15 horas": {"15:00", "-"},
	} {
		m := portuguese.Understand(msg, at(reception.ChoosingSlot))
		if got := [2]string{hourOf(m.From), hourOf(m.Until)}; got != want {
			t.Errorf("%q is bounded by %v, want %v", msg, got, want)
		}
	}
}

func hourOf(at *agenda.LocalTime) string {
	if at == nil {
		return "-"
	}
	return at.String()
}

func TestWhatTakesBackAndWhatPutsRight(t *testing.T) {
	t.Parallel()
	for msg, want := range map[string]bool{
		"deixa pra lá": true, "esquece": true, "não quero mais": true, "desisti": true, "deixa quieto": true, "não, deixa pra lá": true,
		"não": false, "mudei de ideia, quero a Dra. Maria": false, "deixa eu ver": false, "não esquece de mim": false, "sim": false,
	} {
		if got := portuguese.Understand(msg, at(reception.Confirming)).GivesUp; got != want {
			t.Errorf("%q gives up: %v, want %v", msg, got, want)
		}
	}
	for msg, want := range map[string]reception.Datum{
		"meu nome está errado": reception.NameDatum, "meu nome é com z": reception.NameDatum, "corrige meu nome": reception.NameDatum, "o sobrenome saiu errado": reception.NameDatum,
		"a data de nascimento está errada": reception.BirthDateDatum, "errei meu telefone": reception.PhoneDatum, "o número mudou": reception.PhoneDatum,
		"sim": reception.NoDatum, "quero trocar o horário": reception.NoDatum, "meu nome é Ana Souza": reception.NoDatum,
	} {
		if got := portuguese.Understand(msg, at(reception.Confirming)).Amends; got != want {
			t.Errorf("%q amends %q, want %q", msg, got, want)
		}
	}
	for msg, want := range map[string]bool{
		"quero outro médico": true, "tem outra doutora?": true, "quero trocar de médico": true, "com outro": true, "outro horário": false, "o dr joão": false,
	} {
		if got := portuguese.Understand(msg, at(reception.ChoosingSlot)).Another; got != want {
			t.Errorf("%q wants somebody else: %v, want %v", msg, got, want)
		}
	}
	for msg, want := range map[string]bool{"?": true, "😊": true, ".": true, " ": true, "👍": false, "ok": false, "2": false} {
		if got := understand(msg).Wordless; got != want {
			t.Errorf("%q has no word: %v, want %v", msg, got, want)
		}
	}
}
