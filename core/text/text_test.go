package text_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/secretary-api/secretary/core/text"
)

func TestFold(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":                     "",
		"already folded 1":     "already folded 1",
		"São João":             "sao joao",
		"Sa\u0303o Joa\u0303o": "sao joao",
		"ÁÀÂÃÄÇÉÊÍÓÔÕÚÜÑ":      "aaaaaceeiooouun",
		"2ª-feira, 1º":         "2a-feira, 1o",
		"Łódź ẞ Æ Ế ễ":         "lodz ss ae e e",
		"Москва 👍":             "москва 👍",
		"\u212Bngstr\u00F6m":   "angstrom", // the sign of the unit
	} {
		if got := text.Fold(in); got != want {
			t.Errorf("Fold(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestWordsSplitsNumbersFromLetters(t *testing.T) {
	t.Parallel()
	got := text.Words("  0quero às 15h30, Dr. João! 👍 2ª_feira")
	want := []string{"0", "quero", "as", "15", "h", "30", "dr", "joao", "2", "a", "feira"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Words (-want +got):\n%s", diff)
	}
}

func TestSlug(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Dr. João Silva":         "dr-joao-silva",
		"  --Botox 50U (testa)!": "botox-50u-testa",
		"👍":                      "",
		"Dra. d’Ávila":           "dra-d-avila",
	} {
		if got := text.Slug(in); got != want {
			t.Errorf("Slug(%q) = %q, want %q", in, got, want)
		}
	}
	for n := range 4 {
		long := text.Slug(strings.Repeat("a", 97+n) + " " + strings.Repeat("b", 9))
		if len(long) > 100 || strings.HasSuffix(long, "-") {
			t.Errorf("Slug of a long text = %q of %d bytes, want at most 100 and no hyphen at its end", long, len(long))
		}
	}
}

func TestSimilarForgivesSmallTypos(t *testing.T) {
	t.Parallel()
	for _, pair := range [][2]string{
		{"cardilogia", "cardiologia"},
		{"dermatolgoista", "dermatologista"},
		{"consulat", "consulta"},
		{"peto", "peito"},
		{"sanots", "santos"},
		{"abc", "abc"},
	} {
		if !text.Similar(pair[0], pair[1]) || !text.Similar(pair[1], pair[0]) {
			t.Errorf("%q and %q are not similar, want similar", pair[0], pair[1])
		}
	}
}

func TestSimilarKeepsOtherWordsApart(t *testing.T) {
	t.Parallel()
	for _, pair := range [][2]string{
		{"urologia", "neurologia"},
		{"radiologia", "cardiologia"},
		{"paulo", "paula"},
		{"ana", "ani"},
		{"", "a"},
		{"peso", "pessoa"},
		{"psicologia", "psiquiatria"},
		{"москва", "москвы"}, // typos are looked for in the Latin alphabet only
		{strings.Repeat("a", 60), strings.Repeat("a", 30) + "b" + strings.Repeat("a", 29) + "cdef"},
	} {
		if text.Similar(pair[0], pair[1]) || text.Similar(pair[1], pair[0]) {
			t.Errorf("%q and %q are similar, want apart", pair[0], pair[1])
		}
	}
}

func TestDistanceCountsEditsUpToTheLimit(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b        string
		limit, want int
	}{
		{"", "", 2, 0},
		{"abc", "abc", 2, 0},
		{"abc", "acb", 2, 1},
		{"abc", "abd", 2, 1},
		{"abc", "ab", 2, 1},
		{"abc", "xbcd", 2, 2},
		{"kitten", "sitting", 3, 3},
		{"kitten", "sitting", 2, 3},
		{"", "abcd", 2, 3},
	} {
		if got := text.Distance(c.a, c.b, c.limit); got != c.want {
			t.Errorf("Distance(%q, %q, %d) = %d, want %d", c.a, c.b, c.limit, got, c.want)
		}
	}
}

func TestSpecialtiesHaveOneKeyHoweverTheyAreNamed(t *testing.T) {
	t.Parallel()
	for key, names := range map[string][]string{
		"cardiolog":          {"Cardiologista", "cardiologia", "cardio", "cardiologistas", "cardilogia", "cardiologsta", "médico do coração"},
		"clinico geral":      {"Clínico Geral", "clínica geral", "clínica médica", "clínico", "médico generalista", "médico clínico geral"},
		"odontolog":          {"dentista", "odontologia", "odonto", "cirurgião-dentista"},
		"pediatr":            {"pediatra", "pediatria", "médico de criança", "pedriatra"},
		"ortoped":            {"ortopedista", "ortopedia", "ortopedsta"},
		"neurolog":           {"neurologista", "neuro", "neurologia"},
		"nefrolog":           {"nefrologista", "nefrologia"},
		"urolog":             {"urologista", "urologia", "uro", "urologo"},
		"oftalmolog":         {"oftalmo", "oftamologista", "oculista"},
		"otorrinolaringolog": {"otorrino", "otorrinolaringologista", "otorinolaringologia"},
		"fisioterap":         {"fisioterapeuta", "fisioterapia", "fisio"},
		"cirurgia plastica":  {"cirurgião plástico", "cirurgia plástica"},
		"etnomusicolog":      {"etnomusicologista"}, // known by its ending only
	} {
		for _, name := range names {
			words := text.Words("quero " + name + " hoje")
			want := []text.Specialty{{Key: key, Start: 1, End: len(words) - 1}}
			if diff := cmp.Diff(want, text.Specialties(words)); diff != "" {
				t.Errorf("%q (-want +got):\n%s", name, diff)
			}
		}
	}
}

func TestSpecialtiesLeavesPlainWordsAlone(t *testing.T) {
	t.Parallel()
	plain := "a clínica tem tecnologia, catálogo, relógio e um diálogo logo mais; o médico da cidade geral fez a cirurgia por gentileza"
	if got := text.Specialties(text.Words(plain)); len(got) != 0 {
		t.Errorf("Specialties = %v, want none", got)
	}
}

// TestEveryTermIsFoundByItself walks the vocabulary: whatever it lists is a name of that speciality.
func TestEveryTermIsFoundByItself(t *testing.T) {
	t.Parallel()
	for _, term := range text.Vocabulary() {
		var names []string
		switch term.Kind {
		case text.TermStem, text.TermWord:
			names = []string{term.Name}
		case text.TermPhrase:
			names = []string{""}
			for alternatives := range strings.FieldsSeq(term.Name) {
				var longer []string
				for _, name := range names {
					for word := range strings.SplitSeq(alternatives, "|") {
						longer = append(longer, strings.TrimSpace(name+" "+word))
					}
				}
				names = longer
			}
		case text.TermEnding, text.TermForm: // no names: parts of them
		}
		for _, name := range names {
			words := strings.Fields(name)
			want := []text.Specialty{{Key: term.Key, Start: 0, End: len(words)}}
			if diff := cmp.Diff(want, text.Specialties(words)); diff != "" {
				t.Errorf("%q (-want +got):\n%s", name, diff)
			}
		}
	}
}

func FuzzFold(f *testing.F) {
	f.Add("São João ẞ 1º")
	f.Add("\xff\u0301")
	f.Add("\u212B")
	f.Fuzz(func(t *testing.T, s string) {
		folded := text.Fold(s)
		if again := text.Fold(folded); again != folded && utf8.ValidString(s) {
			t.Errorf("Fold is not stable: %q becomes %q, then %q", s, folded, again)
		}
		if slug := text.Slug(s); slug != text.Slug(slug) || len(slug) > 100 {
			t.Errorf("Slug(%q) = %q, want a slug", s, slug)
		}
		text.Specialties(text.Words(s))
	})
}

func BenchmarkSpecialties(b *testing.B) {
	words := text.Words("Bom dia, gostaria de marcar uma consulta com um dermatolgista na próxima semana")
	for b.Loop() {
		text.Specialties(words)
	}
}
