package postgres_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/text"
)

// TestSearchRulesAreThoseOfCore compares the small SQL functions with core/text, which they tell again.
func TestSearchRulesAreThoseOfCore(t *testing.T) {
	t.Parallel()
	_, pool := searchStore(t)
	for name, test := range map[string]func(*testing.T, *pgxpool.Pool){
		"Vocabulary": testVocabulary,
		"Fillers":    testFillers,
		"Letters":    testLetters,
		"Words":      testWords,
		"Phrases":    testPhrases,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, pool)
		})
	}
}

// testVocabulary fails when core learns a speciality that the database does not know.
func testVocabulary(t *testing.T, pool *pgxpool.Pool) {
	t.Helper()
	got := queryAll[text.Term](t, pool, `SELECT kind, name, key FROM specialty_vocabulary() WITH ORDINALITY AS v (kind, name, key, place) ORDER BY place`)
	if diff := cmp.Diff(text.Vocabulary(), got); diff != "" {
		t.Errorf("specialty_vocabulary() is not core/text's vocabulary; a new migration replaces it. -core +SQL\n%s", diff)
	}
}

func testFillers(t *testing.T, pool *pgxpool.Pool) {
	t.Helper()
	got := queryAll[struct{ Word string }](t, pool, `SELECT * FROM unnest(search_fillers())`)
	var words []string
	for _, row := range got {
		words = append(words, row.Word)
	}
	if diff := cmp.Diff(agenda.Fillers(), words); diff != "" {
		t.Errorf("search_fillers() is not core/agenda's list; a new migration replaces it. -core +SQL\n%s", diff)
	}
}

func testLetters(t *testing.T, pool *pgxpool.Pool) {
	t.Helper()
	type folded struct {
		N     int32
		Text  string
		Words []string
	}
	// The alphabets from Latin to Arabic, Latin and Greek with rare marks, signs, and emoji: blocks that have not got a new
	// letter for long, so that the server's edition of Unicode does not matter.
	rows := queryAll[folded](t, pool, `SELECT n, search_fold('a' || chr(n) || 'b'), search_words('a' || chr(n) || 'b1')
		FROM (SELECT generate_series(1, x'7ff'::int) UNION ALL SELECT generate_series(x'1e00'::int, x'2bff'::int)
			UNION ALL SELECT generate_series(x'1f300'::int, x'1f6ff'::int)) AS c (n)`)
	if len(rows) < 6000 {
		t.Errorf("got %d letters, want all of the blocks", len(rows))
	}
	for _, row := range rows {
		if want := text.Fold("a" + string(row.N) + "b"); row.Text != want {
			t.Errorf("fold of U+%04X = %q, want %q", row.N, row.Text, want)
		}
		if want := text.Words("a" + string(row.N) + "b1"); !slices.Equal(row.Words, want) {
			t.Errorf("words with U+%04X = %q, want %q", row.N, row.Words, want)
		}
	}
}

func testWords(t *testing.T, pool *pgxpool.Pool) {
	t.Helper()
	write := newSpecialist()
	var as, bs []string
	for range 1500 {
		a := write.word()
		b := write.word()
		if write.IntN(4) > 0 {
			b = write.typo(a)
		}
		as, bs = append(as, text.Fold(a)), append(bs, text.Fold(b))
	}
	type compared struct {
		A, B     string
		Similar  bool
		Distance int
		Key      string
	}
	similar := 0
	for _, row := range queryAll[compared](t, pool, `SELECT a, b, search_similar(a, b), search_distance(a, b, 2), coalesce(specialty_key(b), '')
		FROM unnest($1::text[], $2::text[]) AS w (a, b)`, as, bs) {
		want := compared{A: row.A, B: row.B, Similar: text.Similar(row.A, row.B), Distance: row.Distance}
		if isASCII(row.A + row.B) { // core counts bytes, SQL letters; neither looks for typos in other alphabets
			want.Distance = text.Distance(row.A, row.B, 2)
		}
		if found := text.Specialties([]string{row.B}); len(found) > 0 {
			want.Key = found[0].Key
		}
		if row != want {
			t.Errorf("SQL says %+v, core %+v", row, want)
		}
		if row.Similar {
			similar++
		}
	}
	if similar < 200 || similar > 1300 {
		t.Errorf("%d of %d pairs are similar: the pairs test little", similar, len(as))
	}
}

func testPhrases(t *testing.T, pool *pgxpool.Pool) {
	t.Helper()
	write := newSpecialist()
	var texts []string
	for range 500 {
		texts = append(texts, write.phrase())
	}
	type read struct {
		Text  string
		Words []string
		Keys  []string
	}
	for _, row := range queryAll[read](t, pool, `SELECT t, search_words(t), specialty_keys(search_words(t)) FROM unnest($1::text[]) AS t`, texts) {
		want := read{Text: row.Text, Words: text.Words(row.Text)}
		for _, s := range text.Specialties(want.Words) {
			want.Keys = append(want.Keys, s.Key)
		}
		if diff := cmp.Diff(want, row, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%q: -core +SQL\n%s", row.Text, diff)
		}
	}
}

// writer makes up words and phrases, the same in every run.
type writer struct {
	*rand.Rand

	words []string
}

func newWriter() *writer { return &writer{Rand: rand.New(rand.NewPCG(7, 11))} }

// newSpecialist is a writer who knows the names of specialities.
func newSpecialist() *writer {
	w := newWriter()
	for _, term := range text.Vocabulary() {
		if term.Kind == text.TermStem {
			for _, ending := range []string{"ista", "ia", "a", "o", "istas", "icia", "euta"} {
				w.words = append(w.words, term.Name+ending)
			}
		}
		w.words = append(w.words, strings.FieldsFunc(term.Name, func(r rune) bool { return r == ' ' || r == '|' })...)
	}
	w.learn("médico do coração", "quero uma consulta", "João Paula Paulo Ana", "etnomusicologista", "Массаж", "15h30", "ß ﬁ Å 🙂")
	return w
}

func (w *writer) learn(texts ...string) {
	for _, s := range texts {
		w.words = append(w.words, strings.Fields(s)...)
	}
}

func (w *writer) word() string { return w.words[w.IntN(len(w.words))] }

// typo edits a word once or a few times.
func (w *writer) typo(s string) string {
	letters := []rune(s)
	for range 1 + w.IntN(3) {
		if len(letters) == 0 {
			break
		}
		i, letter := w.IntN(len(letters)), []rune("abcdeioursç日%")[w.IntN(13)]
		switch w.IntN(4) {
		case 0:
			letters = slices.Delete(letters, i, i+1)
		case 1:
			letters = slices.Insert(letters, i, letter)
		case 2:
			letters[i] = letter
		case 3:
			j := min(i+1, len(letters)-1)
			letters[i], letters[j] = letters[j], letters[i]
		}
	}
	return string(letters)
}

func (w *writer) phrase() string {
	var words []string
	for range 1 + w.IntN(4) {
		word := w.word()
		switch w.IntN(6) {
		case 0:
			word = w.typo(word)
		case 1:
			word = strings.ToUpper(word)
		}
		words = append(words, word)
	}
	return strings.Join(words, []string{" ", ", ", "-", "  "}[w.IntN(4)])
}

func isASCII(s string) bool { return !strings.ContainsFunc(s, func(r rune) bool { return r > 127 }) }
