package agenda_test

import (
	"testing"

	"github.com/secretary-api/secretary/core/agenda"
)

func TestInitialsOfNamesAsTheyAreWritten(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"Ana Souza": "A. S.", "Ângela da Conceição e Silva": "Â. C. S.", "  érica  ": "É.", "maria DE jesus": "M. J.", "": "",
	} {
		if got := (agenda.Patient{Name: name}).Initials(); got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
}
