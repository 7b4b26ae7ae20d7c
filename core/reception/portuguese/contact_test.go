package portuguese_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/secretary-api/secretary/core/reception"
	"github.com/secretary-api/secretary/core/reception/portuguese"
)

func TestSignsOfAnEmergency(t *testing.T) {
	t.Parallel()
	for _, msg := range []string{
		"dor no peito forte", "tô com dor no peto", "dores no peito e suando frio", "aperto no peito desde ontem", "meu peito está queimando",
		"não consigo respirar", "n to conseguindo respirar", "muita falta de ar", "minha mãe desmaiou", "acho que estou tendo um infarto",
		"ele está com a boca torta", "fala enrolada e braço dormente", "sangramento que não para", "está sangrando muito", "vomitando sangue",
		"meu filho teve uma convulsão agora", "tomei veneno", "ela tomou uma cartela de remédio", "overdose", "quero morrer", "penso em me matar",
		"sofri um acidente grave", "meu bebê engoliu uma moeda", "choque anafilático", "picada de cobra", "bateu a cabeça e está confuso",
		"minha pressão está 19 por 11", "socorro", "é uma emergência!", "quero marcar consulta amanhã, estou com dor no peito",
		"a bolsa estourou", "não aguento mais viver", "ele não acorda", "não para de sangrar",
	} {
		m := understand(msg)
		if !m.Emergency || m.Intent != reception.HumanHandoff {
			t.Errorf("%q: emergency %v, intent %s; want an emergency for a person", msg, m.Emergency, m.Intent)
		}
	}
}

func TestNoEmergency(t *testing.T) {
	t.Parallel()
	for _, msg := range []string{
		"quero agendar urgente", "preciso de um cardiologista com urgência", "não estou com dor no peito", "sem falta de ar",
		"meu pai morreu de infarto ano passado", "tive um avc em 2019", "histórico de infarto na família", "medo de ter um derrame",
		"morrendo de vergonha kkk", "quero morrer de rir", "peso na consciência", "vocês atendem emergência?", "pressão 12 por 8",
		"exame de sangue para amanhã", "não vou poder ir na sexta", "não consigo marcar", "dor de dente", "tomei mais uma vacina",
		"vocês não estão respondendo", "quero um exame do coração", "ninguém me responde", "fico sem ar de tanto rir",
		"há dez anos tive uma convulsão",
	} {
		if understand(msg).Emergency {
			t.Errorf("%q is taken for an emergency", msg)
		}
	}
}

func TestSilenceIsAskedFor(t *testing.T) {
	t.Parallel()
	for msg, want := range map[string]bool{
		"parar": true, "SAIR": true, "Stop!!": true, "pare de mandar mensagem": true, "descadastrar": true, "remove meu número da lista": true,
		"não quero mais receber mensagens": true, "me tira dessa lista": true, "me deixem em paz": true, "chega de propaganda": true,
		"não me mande mais nada": true,

		"quero sair mais cedo": false, "cancela": false, "cancelar": false, "sai dessa": false, "vou parar o remédio": false,
		"me manda mensagem": false, "não manda boleto, já paguei": false, "não manda mensagem de noite": false, "quero parar de fumar": false,
	} {
		if got := understand(msg).OptOut; got != want {
			t.Errorf("%q asks for silence: %v, want %v", msg, got, want)
		}
	}
}

func TestTheAssistantIsAskedBack(t *testing.T) {
	t.Parallel()
	for msg, want := range map[string]bool{
		"voltar": true, "quero voltar": true, "voltar ao atendimento automático": true, "quero voltar a receber mensagens": true,
		"quero voltar na Dra. Maria": false, "posso voltar amanhã?": false, "parar": false, "preciso voltar no médico": false,
	} {
		if got := portuguese.Understand(msg, at(reception.OptedOut)).OptIn; got != want {
			t.Errorf("%q asks for the assistant: %v, want %v", msg, got, want)
		}
	}
}

func TestAPersonIsAskedFor(t *testing.T) {
	t.Parallel()
	for msg, want := range map[string]bool{
		"quero falar com uma pessoa": true, "atendente": true, "falar com a secretária": true, "chama alguém da recepção": true,
		"não quero falar com robô": true, "quero marcar e depois falar com um humano": true,

		"quero marcar consulta": false, "oi, tem alguém aí": false, "consulta para uma pessoa idosa": false, "sou secretária": false,
	} {
		if got := understand(msg).WantsPerson; got != want {
			t.Errorf("%q asks for a person: %v, want %v", msg, got, want)
		}
	}
}

func TestALongMessageIsReadToALimit(t *testing.T) {
	t.Parallel()
	far := strings.Repeat("bla ", 600) + "quero morrer"
	if understand(far).Emergency {
		t.Error("a message is read beyond its first 2000 characters")
	}
	near := "queria marcar uma consulta " + strings.Repeat("😀", 1_000_000)
	if got := understand(near).Intent; got != reception.Schedule {
		t.Errorf("intent = %s, want schedule", got)
	}
}

func FuzzUnderstand(f *testing.F) {
	for _, seed := range []string{
		"", "Dr. João não, com a Dra. Maria às 15h30 dia 15/12", "ana souza 12/03/85 11 95555-0011", "\xff\xfe d'", "2ª-feira 9 e meia", "1/2/3/4/5",
		"não não não", "as", "dr dra dr", "12 de", "daqui a", "c/ p/ s/", "pq oq", "e e e e", "dia", "1️⃣ 👍",
	} {
		f.Add(seed, uint8(2))
	}
	directory := clinic()
	f.Fuzz(func(t *testing.T, msg string, state uint8) {
		states := []reception.State{
			reception.Idle, reception.ChoosingProfessional, reception.CollectingPatient, reception.ChoosingSlot, reception.Confirming, reception.Booked,
			reception.Cancelling, reception.Rescheduling, reception.HandedOff, reception.OptedOut,
		}
		in := at(states[int(state)%len(states)])
		in.Directory = directory
		m := portuguese.Understand(msg, in)
		if diff := cmp.Diff(m, portuguese.Understand(msg, in)); diff != "" {
			t.Errorf("%q has two meanings:\n%s", msg, diff)
		}
		for _, key := range m.Candidates {
			if _, ok := directory.Professional(key); !ok {
				t.Errorf("%q names a professional of nowhere", msg)
			}
		}
		for _, key := range m.Services {
			if _, ok := directory.Service(key); !ok {
				t.Errorf("%q names a service of nowhere", msg)
			}
		}
		if m.Yes && m.No {
			t.Errorf("%q says yes and no", msg)
		}
		if !m.Date.IsZero() && (!m.Date.IsValid() || m.Time != nil && !m.Time.IsValid()) {
			t.Errorf("%q names %s %s", msg, m.Date, m.Time)
		}
		if m.Confidence < 0 || m.Confidence > 1 {
			t.Errorf("%q has confidence %v", msg, m.Confidence)
		}
	})
}

func BenchmarkUnderstand(b *testing.B) {
	in := at(reception.Idle)
	for name, msg := range map[string]string{
		"short": "quero marcar com a dra maria",
		"usual": "Bom dia! Gostaria de agendar uma consulta com o Dr. João na próxima terça às 15h30, é possível? Obrigada",
		"long":  strings.Repeat("quero marcar uma consulta com a doutora maria amanhã às 10h por favor ", 40),
		"noise": strings.Repeat("xkcdqw zzptrl dermotologisdo ", 70),
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				portuguese.Understand(msg, in)
			}
		})
	}
}
