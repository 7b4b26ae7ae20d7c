package portuguese_test

import (
	"slices"
	"testing"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/reception"
	"github.com/secretary-api/secretary/core/reception/portuguese"
)

func TestDataThatCannotBeRightAreDoubted(t *testing.T) {
	t.Parallel()
	const name, born, telephone = reception.NameDatum, reception.BirthDateDatum, reception.PhoneDatum
	for msg, want := range map[string][]reception.Datum{
		"Ana Souza, 12/03/1985, 11 95555-0011": nil,
		"Ana Souza, 30/02/1990":                {born},
		"31.04.85":                             {born},
		"nasci em 12/03":                       {born},
		"12/03/2085":                           {born},
		"Ana Souza, 12/03/1785":                {born},
		"Ana":                                  {name},
		"Érica, 12/03/1985":                    {name},
		"Ana, 30/02/1990, 95555-001":           {name, born, telephone},
		"meu telefone é 95555-0011":            {telephone},
		"(11) 5555-001":                        {telephone},
		"123.456.789-09":                       nil,
		"cpf 12345678909":                      nil,
		"amanhã":                               nil,
		"pode ser dia 3?":                      nil,
		"em 12/03 às 15h":                      nil,
		"Sim":                                  nil,
		"Ok":                                   nil,
		"Obrigada":                             nil,
		"Botox":                                nil,
		"Oi":                                   nil,
		"Quanto custa?":                        nil,
		"1":                                    nil,
	} {
		m := portuguese.Understand(msg, at(reception.CollectingPatient))
		if !slices.Equal(m.Doubts, want) {
			t.Errorf("%q: doubts %v, want %v", msg, m.Doubts, want)
		}
		if slices.Contains(want, born) && (m.Date != (agenda.Date{}) || !m.Patient.BirthDate.IsZero()) {
			t.Errorf("%q: the day %s is wished for, born %s", msg, m.Date, m.Patient.BirthDate)
		}
	}
	if m := portuguese.Understand("Ana, 30/02/1990", at(reception.ChoosingSlot)); m.Doubts != nil {
		t.Errorf("doubts %v where nothing of the patient was asked", m.Doubts)
	}
}
