package portuguese_test

import (
	"testing"

	"github.com/secretary-api/secretary/core/reception"
	"github.com/secretary-api/secretary/core/reception/portuguese"
)

func TestWhomAVisitIsFor(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct {
		other bool
		name  string
	}{
		"quero marcar para minha filha":                  {true, ""},
		"quero marcar pra minha mãe":                     {true, ""},
		"marca uma consulta pro meu pai":                 {true, ""},
		"é para outra pessoa":                            {true, ""},
		"não é pra mim, é para o meu filho João":         {true, "João"},
		"quero agendar para minha filha, Bruna":          {true, "Bruna"},
		"não é pra mim":                                  {true, ""},
		"é pra mim mesmo":                                {false, ""},
		"quero marcar para amanhã":                       {false, ""},
		"quero marcar para o Dr. João":                   {false, ""},
		"quero marcar consulta para segunda":             {false, ""},
		"me passa para o atendente":                      {false, ""},
		"minha mãe me indicou vocês, quero uma consulta": {false, ""},
	} {
		got := portuguese.Understand(text, reception.Context{State: reception.Idle})
		if got.ForOther != want.other || got.Other != want.name {
			t.Errorf("%q: for other %t %q, want %t %q", text, got.ForOther, got.Other, want.other, want.name)
		}
	}
}

func TestTheAnswerToWhomItIsFor(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct {
		other, self bool
		name        string
	}{
		"João":                             {false, false, "João"},
		"joão":                             {false, false, "joão"},
		"é pro João":                       {false, false, "João"},
		"para a érica":                     {false, false, "érica"},
		"minha filha":                      {true, false, ""},
		"meu filho João":                   {true, false, "João"},
		"é pro meu filho João":             {true, false, "João"},
		"outra pessoa":                     {true, false, ""},
		"para mim":                         {false, true, ""},
		"é pra mim mesma":                  {false, true, ""},
		"eu":                               {false, true, ""},
		"sim":                              {false, false, ""},
		"não é pra mim":                    {true, false, ""},
		"2":                                {false, false, ""},
		"meu filho tem alergia a dipirona": {false, false, ""},
	} {
		got := portuguese.Understand(text, reception.Context{State: reception.CollectingPatient})
		if got.ForOther != want.other || got.ForSelf != want.self || got.Other != want.name {
			t.Errorf("%q: for other %t %q, for the sender %t; want %t %q, %t", text, got.ForOther, got.Other, got.ForSelf, want.other, want.name, want.self)
		}
	}
}
