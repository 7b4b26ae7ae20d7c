package porttest

import "strings"

// specialtyCases say which professionals a search by speciality finds.
func specialtyCases() []searchCase {
	hearts, minds := []string{"Ana", "João"}, []string{"Álvaro", "bia", "Zélia"}
	return []searchCase{
		// Case, accents and how they are encoded.
		{q: "Cardiologista", want: hearts},
		{q: "cardiologista", want: hearts},
		{q: "CARDIOLOGISTA", want: hearts},
		{q: "dermatologista", want: []string{"Maria"}},
		{q: "clinico geral", want: []string{"Pedro"}},
		{q: "CLÍNICO GERAL", want: []string{"Pedro"}},
		{q: "cli\u0301nico geral", want: []string{"Pedro"}},
		{q: "estetica avancada", want: []string{"Iara"}},
		{q: "Estética Avançada", want: []string{"Iara"}},
		{q: "coracao", want: []string{"João"}},
		{q: "corac\u0327a\u0303o", want: []string{"João"}},
		{q: "CORAÇÃO", want: []string{"João"}},

		// Forms and short names.
		{q: "cardiologia", want: hearts},
		{q: "cardiologistas", want: hearts},
		{q: "cardio", want: hearts},
		{q: "médico do coração", want: hearts},
		{q: "pediatra", want: []string{"Ana"}},
		{q: "dermato", want: []string{"Maria"}},
		{q: "médico de pele", want: []string{"Maria"}},
		{q: "medica da pele", want: []string{"Maria"}},
		{q: "dentista", want: []string{"Lia"}},
		{q: "odonto", want: []string{"Lia"}},
		{q: "cirurgião-dentista", want: []string{"Lia"}},
		{q: "clínica médica", want: []string{"Pedro"}},
		{q: "generalista", want: []string{"Pedro"}},
		{q: "médico clínico geral", want: []string{"Pedro"}},
		{q: "psicólogo", want: minds},
		{q: "psico", want: minds},
		{q: "ortopedia", want: []string{"Caio"}},
		{q: "traumatologia", want: []string{"Caio"}},
		{q: "médico de coluna", want: []string{"Caio"}},
		{q: "terapeuta ocupacional", want: []string{"Ugo"}},
		{q: "cirurgia plástica", want: []string{"Otto"}},
		{q: "nutri", want: []string{"Nair"}},
		{q: "nutrição", want: []string{"Nair"}},
		{q: "medicina do trabalho", want: []string{"Davi"}},
		{q: "neuro", want: []string{"Rui"}},

		// Typos.
		{q: "cardilogia", want: hearts},
		{q: "cardiolgista", want: hearts},
		{q: "dermatolgoista", want: []string{"Maria"}},
		{q: "dermatologsta", want: []string{"Maria"}},
		{q: "neurolojista", want: []string{"Rui"}},
		{q: "ortopedsta", want: []string{"Caio"}},
		{q: "odontolgia", want: []string{"Lia"}},
		{q: "estetca", want: []string{"Iara"}},
		{q: "enxaquca", want: []string{"Rui"}},
		{q: "medicina tradicional chineza", want: []string{"Kim"}},
		{q: "musicoterapia", want: nil},
		{q: "musicoterapeuta", want: []string{"Fé"}},

		// What is one letter away and something else.
		{q: "urologia", want: nil},
		{q: "urologista", want: nil},
		{q: "neurologia", want: []string{"Rui"}},
		{q: "nefrologia", want: []string{"Nina"}},
		{q: "nefrologista", want: []string{"Nina"}},
		{q: "radiologia", want: nil},
		{q: "psiquiatra", want: nil},
		{q: "cirurgia geral", want: nil},
		{q: "otorrinolaringologista", want: nil},

		// Words around what is sought.
		{q: "quero uma consulta com um cardiologista por favor", want: hearts},
		{q: "Olá, tem horário para dermatologista?", want: []string{"Maria"}},
		{q: "dr cardiologista", want: hearts},
		{q: "um bom neurologista ou dentista", want: []string{"Lia", "Rui"}},
		{q: "quero", want: nil},
		{q: "consulta com a", want: nil},
		{q: "João", want: nil},
		{q: "médico", want: []string{"Davi"}},

		// Keywords, when no speciality is meant.
		{q: "pressão alta", want: []string{"João"}},
		{q: "tenho pressao alta", want: []string{"João"}},
		{q: "pressão", want: nil},
		{q: "coração de criança", want: hearts},
		{q: "queda de cabelo", want: []string{"Maria"}},
		{q: "mancha", want: []string{"Maria"}},
		{q: "ansiedade", want: minds},
		{q: "check up", want: []string{"Pedro"}},
		{q: "check-up", want: []string{"Pedro"}},
		{q: "febre alta", want: []string{"Pedro"}},
		{q: "dente", want: []string{"Lia"}},
		{q: "dor nas costas", want: []string{"Caio"}},
		{q: "dor", want: nil},
		{q: "próstata", want: nil},

		// Words that no vocabulary knows.
		{q: "chinesa", want: []string{"Kim"}},
		{q: "medicina chinesa", want: []string{"Kim"}},
		{q: "estética", want: []string{"Iara"}},
		{q: "МАССАЖИСТ", want: []string{"Yuri"}},
		{q: "массажисты", want: nil}, // typos are looked for in the Latin alphabet only
		{q: "спина", want: []string{"Yuri"}},

		// Nothing to look for, and what a pattern or a statement might make of it.
		{q: "", want: nil},
		{q: "   \t\n ", want: nil},
		{q: "%", want: nil},
		{q: "_", want: nil},
		{q: "%%%", want: nil},
		{q: `\`, want: nil},
		{q: "'", want: nil},
		{q: "c%", want: nil},
		{q: "cardiologist_", want: hearts}, // the word is what precedes the sign, one letter short
		{q: "_ardiologista", want: nil},
		{q: "%cardiologista%", want: hearts},
		{q: `cardiologista\`, want: hearts},
		{q: "'; DROP TABLE clinic_professionals; --", want: nil},
		{q: "👍", want: nil},
		{q: "😀 cardiologista 👍🏽", want: hearts},
		{q: "\u0301\u0300", want: nil},
		{q: "123456", want: nil},
		{q: strings.Repeat("ç", 5000), want: nil},
		{q: strings.Repeat("x ", 400) + "cardiologista", want: nil}, // only the beginning counts
		{q: "cardiologista" + strings.Repeat(" x", 4000), want: hearts},
		{q: "cardiologista  " + strings.Repeat("ã", 5000), want: hearts}, // the 500th byte is half a letter
		{q: strings.Repeat("ã", 247) + " cardiologista", want: nil},
		{q: strings.Repeat("cardiologista", 40), want: nil},

		// Other clinics, closed ones, none.
		{at: elsewhere, q: "urologia", want: []string{"Eva elsewhere"}},
		{at: elsewhere, q: "coração", want: []string{"Eva elsewhere"}},
		{at: elsewhere, q: "cardiologista", want: nil},
		{at: closed, q: "urologia", want: nil},
		{at: closed, q: "coração", want: nil},
		{at: nowhereAtAll, q: "cardiologista", want: nil},
	}
}

// serviceCases say which services a search finds.
func serviceCases() []searchCase {
	ecg := []string{"Ana: Eletrocardiograma", "João: Eletrocardiograma"}
	botox := []string{"Maria: Botox", "Lia: Botox"}
	return []searchCase{
		{q: "Botox", want: botox},
		{q: "BOTOX", want: botox},
		{q: "bo\u0301tox", want: botox},
		{q: "quero fazer botox", want: botox},
		{q: "quanto custa o botox da Maria", want: botox},
		{q: "bottox", want: botox},
		{q: "botx", want: botox},
		{q: "eletrocardiograma", want: ecg},
		{q: "eletrocardiogama", want: ecg},
		{q: "ecg", want: ecg},
		{q: "exame do coração", want: []string{"João: Eletrocardiograma"}},
		{q: "coração", want: nil},
		{q: "cardiologista", want: nil},
		{q: "toxina", want: []string{"Maria: Botox"}},
		{q: "rugas", want: []string{"Maria: Botox"}},
		{q: "ruga", want: []string{"Maria: Botox"}},
		{q: "linhas de expressao", want: []string{"Maria: Botox"}},
		{q: "bruxismo", want: []string{"Lia: Botox"}},

		// The beginning of a name asks for it, its end does not.
		{q: "limpeza", want: []string{"Maria: Limpeza de pele", "Lia: Limpeza dental"}},
		{q: "limpesa", want: []string{"Maria: Limpeza de pele", "Lia: Limpeza dental"}},
		{q: "limpeza de pele", want: []string{"Maria: Limpeza de pele"}},
		{q: "limpeza pele", want: []string{"Maria: Limpeza de pele"}},
		{q: "pele", want: nil},
		{q: "dental", want: nil},
		{q: "limpeza dental", want: []string{"Lia: Limpeza dental"}},
		{q: "fazer uma limpeza dental amanhã", want: []string{"Lia: Limpeza dental"}},
		{q: "clareamento", want: []string{"Lia: Clareamento Dental"}},
		{q: "dentes brancos", want: []string{"Lia: Clareamento Dental"}},
		{q: "terapia", want: []string{"bia: Terapia de casal"}},
		{q: "retorno", want: []string{"João: Retorno", "Pedro: Retorno"}},
		{q: "check-up", want: []string{"Pedro: Check-up"}},
		{q: "checkup", want: nil},
		{q: "raio-x", want: []string{"Fé: Raio X"}},
		{q: "depilação a laser", want: []string{"Iara: Depilac\u0327a\u0303o a laser"}},
		{q: "depilacao", want: []string{"Iara: Depilac\u0327a\u0303o a laser"}},
		{q: "depilar", want: []string{"Iara: Depilac\u0327a\u0303o a laser"}},
		{q: "массаж", want: []string{"Kim: Массаж спины"}},

		// A name is a better match than the beginning of one, and that than a keyword.
		{q: "botox, cravos e limpeza", want: []string{"Maria: Botox", "Lia: Botox", "Maria: Limpeza de pele"}},

		// Signs that mean something to SQL.
		{q: "aplicação 50% ácido_glicólico", want: []string{"Maria: Aplicação 50% ácido_glicólico"}},
		{q: "aplicacao 50 acido", want: []string{"Maria: Aplicação 50% ácido_glicólico"}},
		{q: "100% natural", want: []string{"Maria: Aplicação 50% ácido_glicólico"}},
		{q: "%", want: nil},
		{q: "_", want: nil},
		{q: "b%", want: nil},
		{q: "b_tox", want: nil},
		{q: `\botox\`, want: botox},
		{q: "botox'; --", want: botox},
		{q: "", want: nil},
		{q: "  ", want: nil},
		{q: "🧴", want: nil},
		{q: "quero marcar", want: nil},
		{q: "sessão", want: []string{"Kim: Sessão avulsa", "Fé: " + strings.TrimSpace(strings.Repeat("Sessão ", 28))}},
		{q: strings.Repeat("botox ", 1000), want: botox},
		{q: strings.Repeat("á", 10_000), want: nil},

		// What is not offered.
		{q: "peeling químico", want: nil},
		{q: "vasectomia", want: nil},
		{q: "acupuntura", want: nil},
		{at: elsewhere, q: "acupuntura", want: []string{"Eva elsewhere: Acupuntura"}},
		{at: elsewhere, q: "botox", want: []string{"Eva elsewhere: Botox"}},
		{at: elsewhere, q: "limpeza", want: nil},
		{at: closed, q: "botox", want: nil},
		{at: nowhereAtAll, q: "botox", want: nil},
	}
}
