package portuguese_test

import (
	"testing"

	"github.com/secretary-api/secretary/core/reception"
	"github.com/secretary-api/secretary/core/reception/portuguese"
)

func TestNamesMayHoldWordsOfOtherMeaning(t *testing.T) {
	t.Parallel()
	for msg, want := range map[string]string{
		"Maria das Dores, nasci em 5 de maio de 1960": "Maria das Dores",
		"Dores da Silva":                  "Dores da Silva",
		"Maria do Socorro Lima":           "Maria do Socorro Lima",
		"Rosa Boa Ventura 02/02/1992":     "Rosa Boa Ventura",
		"Segunda Ferreira":                "Segunda Ferreira",
		"Domingos Sávio Moreira":          "Domingos Sávio Moreira",
		"Nome: Ana Clara Bom Jesus":       "Ana Clara Bom Jesus",
		"11 98888-7777, Socorro Lima":     "Socorro Lima",
		"MARIA APARECIDA SANTOS 12/03/85": "Maria Aparecida Santos",
		"ana paula":                       "Ana Paula",
		"Bom Dia":                         "",
		"Boa Tarde":                       "",
		"Sim Obrigada":                    "",
		"Quero Marcar Consulta":           "",
		"Dra. Maria Costa":                "",
		"Dor No Peito":                    "",
		"Falta De Ar":                     "",
	} {
		m := portuguese.Understand(msg, at(reception.CollectingPatient))
		if m.Patient.Name != want {
			t.Errorf("%q: name %q, want %q", msg, m.Patient.Name, want)
		}
		if want != "" && (m.Emergency || m.Intent != reception.Other || m.Symptom != "" && m.Patient.Name == "") {
			t.Errorf("%q: intent %s, emergency %t, want a name and no more", msg, m.Intent, m.Emergency)
		}
	}
}

func TestASignOfAnEmergencyIsNoName(t *testing.T) {
	t.Parallel()
	for _, msg := range []string{"Dor No Peito", "Falta De Ar", "socorro", "Socorro"} {
		if m := portuguese.Understand(msg, at(reception.CollectingPatient)); !m.Emergency {
			t.Errorf("%q: no emergency", msg)
		}
	}
}
