package portuguese_test

import "testing"

func TestWhetherSomebodyComes(t *testing.T) {
	t.Parallel()
	for _, msg := range []string{
		"confirmo", "Confirmo!", "CONFIRMO ✅", "confirmo presença", "confirmo a consulta com a Dra. Maria", "estarei aí", "estaremos la", "Sim, estarei aí!",
		"irei", "irei sim", "vou", "vou sim", "pode confirmar", "confirmado", "tá confirmado", "presença confirmada", "confirmo, mas qual o endereço?",
		"oi, bom dia, confirmo sim", "comparecerei", "sim, confirmo", "confirmo para amanhã",
	} {
		if m := understand(msg); !m.Coming || m.NotComing {
			t.Errorf("%q: coming %v, not coming %v, want the first", msg, m.Coming, m.NotComing)
		}
	}
	for _, msg := range []string{
		"não vou", "n vou", "nao vou conseguir ir", "não posso ir", "não poderei comparecer", "não irei", "infelizmente não vou poder ir", "vou faltar",
		"não confirmo", "não vou poder amanhã", "não vou na consulta com o dr joão", "surgiu um imprevisto, não vou conseguir ir",
	} {
		if m := understand(msg); m.Coming || !m.NotComing {
			t.Errorf("%q: coming %v, not coming %v, want the second", msg, m.Coming, m.NotComing)
		}
	}
	for _, msg := range []string{
		"sim", "não", "ok", "quero remarcar", "cancela", "não vou poder ir, quero remarcar", "não posso ir, pode cancelar", "minha consulta está confirmada?",
		"te confirmo depois", "depois eu confirmo", "já confirmo", "confirmo mais tarde", "irei viajar", "quero marcar uma consulta", "vou querer botox",
		"vou pensar", "estarei viajando", "qual o valor?", "vou remarcar",
	} {
		if m := understand(msg); m.Coming || m.NotComing {
			t.Errorf("%q: coming %v, not coming %v, want neither", msg, m.Coming, m.NotComing)
		}
	}
}
