package portuguese

import "github.com/secretary-api/secretary/core/reception"

// attends reads whether the message says that its writer comes to a visit: "confirmo", "estarei aí", "não vou". Whoever
// says what is to happen instead, "não vou, quero remarcar", wants that.
func (m *message) attends(out *reception.Meaning, hits []hit) {
	instead := has(m, hits, wantsCancel) || has(m, hits, wantsMove) || has(m, hits, wantsOtherTime)
	denied := false
	for i := range m.tokens {
		switch {
		case m.isPhrase(i, "nao", "confirmo|confirmado|confirmamos"), m.isPhrase(i, "nao", "posso|vou", "confirmar"):
			denied = true
		case m.isComing(i):
			out.Coming = true
		}
	}
	out.NotComing = denied || has(m, hits, cannotCome) && !instead
	out.Coming = out.Coming && !out.NotComing && !instead && !has(m, hits, cannotCome)
}

// isComing reports whether the words from i on say that somebody comes.
func (m *message) isComing(i int) bool {
	switch m.wordAt(i - 1) {
	case "nao", "se", "te", "lhe", "ja", "depois", "nem", "quando", "que", "como":
		return false // "te confirmo depois", "se estarei aí ainda não sei"
	}
	switch {
	case m.isPhrase(i-2, "depois|logo", "eu|ja|te"):
		return false
	case m.isPhrase(i, "confirmo|confirmamos"):
		return !m.isPhrase(i+1, "depois|mais|ja|daqui|assim|quando|se")
	case m.isPhrase(i, "estarei|estaremos", "ai|la|aqui|presente|sim|no|na|com"), m.isPhrase(i, "comparecerei|compareceremos"),
		m.isPhrase(i, "irei|iremos|vou|vamos", "sim|comparecer"), m.isPhrase(i, "vou|vamos", "estar", "ai|la|presente|no|na"),
		m.isPhrase(i, "estou", "confirmado|confirmada"):
		return true
	case m.isPhrase(i, "estarei|estaremos|irei|iremos|vou"):
		return m.endsOrPauses(i+1) && (i == 0 || m.endsOrPauses(i) || m.isPhrase(i-1, "eu|sim|claro|nos"))
	case m.isPhrase(i, "confirmado|confirmada|confirmadissimo"), m.isPhrase(i, "pode|podem", "confirmar"), m.isPhrase(i, "presenca", "confirmada"):
		return len(m.tokens) <= 4 && !m.asks() // "está confirmada?" asks
	}
	return false
}
