package evolution_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/secretary-api/secretary/adapters/evolution"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/reception"
	"github.com/secretary-api/secretary/ports"
)

var _ ports.WebhookDecoder = evolution.Decoder{}

const maria = "5511955550011@s.whatsapp.net"

func fixture(tb testing.TB, name string) []byte {
	tb.Helper()
	body, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		tb.Fatal(err)
	}
	return body
}

func decode(t *testing.T, body string) []reception.Inbound {
	t.Helper()
	got, err := evolution.Decoder{}.Decode([]byte(body))
	if err != nil {
		t.Fatalf("Decode: %v", err)
	}
	return got.Messages
}

// fromMaria is the message of most fixtures.
func fromMaria(id, text string, unix int64) reception.Inbound {
	return reception.Inbound{
		ExternalID: id, From: maria, Phone: "+5511955550011", Name: "Maria Teste",
		Kind: reception.Text, Text: text, SentAt: time.Unix(unix, 0).UTC(),
	}
}

func TestRecordedEventsAreDecoded(t *testing.T) {
	t.Parallel()
	with := func(m reception.Inbound, change func(*reception.Inbound)) []reception.Inbound {
		change(&m)
		return []reception.Inbound{m}
	}
	just := func(m reception.Inbound) []reception.Inbound { return []reception.Inbound{m} }
	for name, want := range map[string][]reception.Inbound{
		"messages-upsert.conversation.json":             just(fromMaria("3A5F0000000000000001", "Bom dia! Quero marcar uma consulta com a Dra. Ana", 1796040000)),
		"messages-upsert.extended-text-normalised.json": just(fromMaria("3A5F0000000000000002", "pode ser amanhã às 15h?", 1796040060)),
		"messages-upsert.extended-text-raw.json":        just(fromMaria("3A5F0000000000000003", "depois de amanhã à tarde, pode ser com o Dr. Bruno?", 1796040120)),
		"messages-upsert.buttons-response.json":         just(fromMaria("3A5F0000000000000004", "Sim", 1796040180)),
		"messages-upsert.list-response.json":            just(fromMaria("3A5F0000000000000005", "15:00", 1796040240)),
		"messages-upsert.interactive-response.json":     just(fromMaria("3A5F0000000000000006", "Sim", 1796040300)),
		"messages-upsert.audio.json": with(fromMaria("3A5F0000000000000007", "", 1796040360), func(m *reception.Inbound) {
			m.Kind = reception.Audio
		}),
		"messages-upsert.ephemeral.json": just(fromMaria("3A5F0000000000000008", "mensagem temporária: quero desmarcar", 1796040420)),
		"messages-upsert.lid.json": with(fromMaria("3A5F0000000000000009", "Bom dia, queria remarcar minha consulta de quinta", 1796040480), func(m *reception.Inbound) {
			m.From, m.LID = "100000000000011@lid", "100000000000011@lid"
		}),
		"messages-upsert.from-me-typed-on-phone.json": with(fromMaria("3A5F000000000000000A", "Oi Maria, aqui é a recepção, já te respondo", 1796040540), func(m *reception.Inbound) {
			m.FromClinic, m.Name = true, ""
		}),
		"messages-upsert.no-ninth-digit.json": with(fromMaria("3A5F000000000000000C", "tem horário sexta à tarde com a fisioterapeuta?", 1796040660), func(m *reception.Inbound) {
			m.From, m.Phone, m.Name = "553195550012@s.whatsapp.net", "+5531995550012", "João Teste"
		}),
		"messages-upsert.cloud-api-interactive.json": just(fromMaria("wamid.TEST0000000000000002", "Sim", 1796040700)),
		"messages-upsert.group.json":                 nil,
		"messages-edited.json":                       nil,
		"send-message.json": with(fromMaria("3EB0C767D26A1D8E0010", "Consulta confirmada: Dra. Ana, 01/12 às 15h.", 1796040780), func(m *reception.Inbound) {
			m.Name, m.FromClinic = "", true
		}),
		"connection-update.open.json":  nil,
		"connection-update.close.json": nil,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(want, decode(t, string(fixture(t, name)))); diff != "" {
				t.Errorf("Decode (-want +got):\n%s", diff)
			}
		})
	}
}

func TestEveryFixtureIsCovered(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("testdata/*.json")
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile("decoder_test.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		name = filepath.Base(name)
		if !strings.HasPrefix(name, "api.") && !strings.Contains(string(source), `"`+name+`"`) {
			t.Errorf("no test names %s", name)
		}
	}
}

// upsert wraps a message, given as JSON, in an event from Maria.
func upsert(message string) string {
	return fmt.Sprintf(`{"event":"messages.upsert","instance":"sorriso","data":{"key":{"remoteJid":%q,"fromMe":false,"id":"A1"},"message":%s}}`, maria, message)
}

func TestContent(t *testing.T) {
	t.Parallel()
	deep := func(n int) string {
		return strings.Repeat(`{"ephemeralMessage":{"message":`, n) + `{"conversation":"fundo"}` + strings.Repeat(`}}`, n)
	}
	type want struct {
		kind reception.ContentKind // "" means dropped
		text string
	}
	for name, row := range map[string]struct {
		message string
		want    want
	}{
		"TemplateButton":             {`{"templateButtonReplyMessage":{"selectedId":"x","selectedDisplayText":"Quero"}}`, want{reception.Text, "Quero"}},
		"TemplateButtonWithoutText":  {`{"templateButtonReplyMessage":{"selectedId":"sim"}}`, want{reception.Text, "sim"}},
		"ButtonWithoutText":          {`{"buttonsResponseMessage":{"selectedButtonId":"b1"}}`, want{reception.Text, "b1"}},
		"ListRowWithoutTitle":        {`{"listResponseMessage":{"singleSelectReply":{"selectedRowId":"r1"}}}`, want{reception.Text, "r1"}},
		"InteractiveWithIDOnly":      {`{"interactiveResponseMessage":{"nativeFlowResponseMessage":{"paramsJson":"{\"id\":\"opcao-2\"}"}}}`, want{reception.Text, "opcao-2"}},
		"InteractiveWithBrokenJSON":  {`{"interactiveResponseMessage":{"nativeFlowResponseMessage":{"paramsJson":"{"}}}`, want{}},
		"ImageCaption":               {`{"imageMessage":{"caption":"meu exame"}}`, want{reception.Text, "meu exame"}},
		"VideoCaption":               {`{"videoMessage":{"caption":"veja"}}`, want{reception.Text, "veja"}},
		"DocumentCaption":            {`{"documentWithCaptionMessage":{"message":{"documentMessage":{"caption":"laudo"}}}}`, want{reception.Text, "laudo"}},
		"ViewOnce":                   {`{"viewOnceMessage":{"message":{"conversation":"a"}}}`, want{reception.Text, "a"}},
		"ViewOnceV2":                 {`{"viewOnceMessageV2":{"message":{"imageMessage":{"caption":"b"}}}}`, want{reception.Text, "b"}},
		"WrapperInWrapper":           {`{"ephemeralMessage":{"message":{"viewOnceMessageV2":{"message":{"conversation":"c"}}}}}`, want{reception.Text, "c"}},
		"TooManyWrappers":            {deep(200), want{}},
		"TranscribedAudio":           {`{"audioMessage":{"seconds":4},"speechToText":"quero marcar"}`, want{reception.Text, "quero marcar"}},
		"TranscriptionMark":          {`{"audioMessage":{},"speechToText":"[audio] quero marcar"}`, want{reception.Text, "quero marcar"}},
		"FailedTranscription":        {`{"audioMessage":{},"speechToText":"[audio] null"}`, want{reception.Audio, ""}},
		"TranscriptionBesideWrapper": {`{"ephemeralMessage":{"message":{"audioMessage":{}}},"speechToText":"oi"}`, want{reception.Text, "oi"}},
		"SpeechWithoutAudio":         {`{"speechToText":"oi"}`, want{}},
		"ImageWithoutCaption":        {`{"imageMessage":{"url":"https://example.com"},"base64":"AAAA"}`, want{reception.Unsupported, ""}},
		"Sticker":                    {`{"stickerMessage":{}}`, want{reception.Unsupported, ""}},
		"Location":                   {`{"locationMessage":{"degreesLatitude":-23.5}}`, want{reception.Unsupported, ""}},
		"Contact":                    {`{"contactMessage":{"displayName":"Ana"}}`, want{reception.Unsupported, ""}},
		"Poll":                       {`{"pollUpdateMessage":{}}`, want{reception.Unsupported, ""}},
		"Reaction":                   {`{"reactionMessage":{"text":"👍"}}`, want{}},
		"Protocol":                   {`{"protocolMessage":{"type":0}}`, want{}},
		"Edit":                       {`{"editedMessage":{"message":{"protocolMessage":{"editedMessage":{"conversation":"x"}}}}}`, want{}},
		"Unknown":                    {`{"someFutureMessage":{"text":"x"}}`, want{}},
		"Blank":                      {`{"conversation":" \n\t "}`, want{}},
		"NotAnObject":                {`["conversation"]`, want{}},
		"Null":                       {`null`, want{}},
		"TextOfAnotherType":          {`{"conversation":{"low":1},"extendedTextMessage":{"text":"sobrou"}}`, want{reception.Text, "sobrou"}},
		"ControlCharacters":          {`{"conversation":"  a\u0000\u001b[0m\tb\r\nc\u0007  "}`, want{reception.Text, "a[0m b\nc"}},
		"InvalidUTF8":                {"{\"conversation\":\"ol\xff\"}", want{reception.Text, "ol\uFFFD"}},
		"LoneSurrogate":              {`{"conversation":"x\ud800y"}`, want{reception.Text, "x\uFFFDy"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got want
			if messages := decode(t, upsert(row.message)); len(messages) > 0 {
				got = want{messages[0].Kind, messages[0].Text}
			}
			if got != row.want {
				t.Errorf("got %+q, want %+q", got, row.want)
			}
		})
	}
}

func TestALongTextIsCutAt4096Runes(t *testing.T) {
	t.Parallel()
	got := decode(t, upsert(`{"conversation":"`+strings.Repeat("ção", 3000)+`"}`))
	if len(got) != 1 || utf8.RuneCountInString(got[0].Text) != 4096 || !strings.HasPrefix(got[0].Text, "çãoção") {
		t.Errorf("got %d messages, want one of 4096 runes", len(got))
	}
}

func TestSender(t *testing.T) {
	t.Parallel()
	type want struct{ from, phone string } // empty from means dropped
	for name, row := range map[string]struct {
		key  string
		want want
	}{
		"DeviceSuffix":       {`{"id":"1","remoteJid":"5511955550011:12@s.whatsapp.net"}`, want{"5511955550011:12@s.whatsapp.net", "+5511955550011"}},
		"OldServer":          {`{"id":"1","remoteJid":"5511955550011@c.us"}`, want{"5511955550011@c.us", "+5511955550011"}},
		"BareNumber":         {`{"id":"1","remoteJid":"5511955550011"}`, want{"5511955550011", "+5511955550011"}},
		"ForeignNumber":      {`{"id":"1","remoteJid":"11987654321@s.whatsapp.net"}`, want{"11987654321@s.whatsapp.net", "+11987654321"}},
		"LidAlone":           {`{"id":"1","remoteJid":"100000000000011@lid"}`, want{"100000000000011@lid", ""}},
		"LidWithSenderPn":    {`{"id":"1","remoteJid":"100000000000011@lid","senderPn":"5511955550011@s.whatsapp.net"}`, want{"100000000000011@lid", "+5511955550011"}},
		"LidWithLidBeside":   {`{"id":"1","remoteJid":"100000000000011@lid","remoteJidAlt":"100000000000011@lid"}`, want{"100000000000011@lid", ""}},
		"ClinicsOwnSenderPn": {`{"id":"1","fromMe":true,"remoteJid":"100000000000011@lid","senderPn":"5511912340001@s.whatsapp.net"}`, want{"100000000000011@lid", ""}},
		"NotATelephone":      {`{"id":"1","remoteJid":"5511@s.whatsapp.net"}`, want{"5511@s.whatsapp.net", ""}},
		"Group":              {`{"id":"1","remoteJid":"120363000000000001@g.us"}`, want{}},
		"Status":             {`{"id":"1","remoteJid":"status@broadcast"}`, want{}},
		"BroadcastList":      {`{"id":"1","remoteJid":"5511955550011@broadcast"}`, want{}},
		"Newsletter":         {`{"id":"1","remoteJid":"120363000000000001@newsletter"}`, want{}},
		"WhatsAppItself":     {`{"id":"1","remoteJid":"0@s.whatsapp.net"}`, want{}},
		"NoAddress":          {`{"id":"1"}`, want{}},
		"NoID":               {`{"remoteJid":"5511955550011@s.whatsapp.net"}`, want{}},
		"EmptyID":            {`{"id":"","remoteJid":"5511955550011@s.whatsapp.net"}`, want{}},
		"UnstorableID":       {`{"id":"a\u0000b","remoteJid":"5511955550011@s.whatsapp.net"}`, want{}},
		"EndlessID":          {`{"id":"` + strings.Repeat("A", 256) + `","remoteJid":"5511955550011@s.whatsapp.net"}`, want{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got want
			for _, m := range decode(t, `{"event":"messages.upsert","instance":"sorriso","data":{"key":`+row.key+`,"message":{"conversation":"oi"}}}`) {
				got = want{m.From, m.Phone}
			}
			if got != row.want {
				t.Errorf("got %+v, want %+v", got, row.want)
			}
		})
	}
}

func TestSentAt(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	for name, row := range map[string]struct {
		timestamp string
		want      time.Time
	}{
		"Number":      {`1796040000`, at},
		"String":      {`"1796040000"`, at},
		"Float":       {`1.79604e9`, at},
		"Halves":      {`{"low":1796040000,"high":0,"unsigned":true}`, at},
		"SignedLow":   {`{"low":-1894967296,"high":0}`, time.Date(2046, 1, 19, 18, 40, 0, 0, time.UTC)},
		"Null":        {`null`, time.Time{}},
		"Word":        {`"agora"`, time.Time{}},
		"Negative":    {`-5`, time.Time{}},
		"FarTooLate":  {`99999999999999999999`, time.Time{}},
		"HalfMissing": {`{"low":1796040000}`, time.Time{}},
		"Array":       {`[1796040000]`, time.Time{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := decode(t, fmt.Sprintf(`{"event":"messages.upsert","instance":"s","data":{"key":{"remoteJid":%q,"id":"1"},"message":{"conversation":"oi"},"messageTimestamp":%s}}`, maria, row.timestamp))
			if len(got) != 1 {
				t.Fatalf("got %d messages, want 1", len(got))
			}
			if !got[0].SentAt.Equal(row.want) || got[0].SentAt.Location() != time.UTC {
				t.Errorf("SentAt = %v, want %v", got[0].SentAt, row.want)
			}
		})
	}
}

func TestOlderEnvelopes(t *testing.T) {
	t.Parallel()
	one := `{"key":{"remoteJid":"5511955550011@s.whatsapp.net","id":"%s"},"message":{"conversation":"oi"}}`
	for name, body := range map[string]string{
		"ListOfMessages": `{"event":"messages.upsert","instance":"s","data":[` + fmt.Sprintf(one, "1") + `,null,7,` + fmt.Sprintf(one, "2") + `]}`,
		"EnumName":       `{"event":"MESSAGES_UPSERT","instance":"s","data":[` + fmt.Sprintf(one, "1") + `,` + fmt.Sprintf(one, "2") + `]}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var ids []string
			for _, m := range decode(t, body) {
				ids = append(ids, m.ExternalID)
			}
			if diff := cmp.Diff([]string{"1", "2"}, ids); diff != "" {
				t.Errorf("ids (-want +got):\n%s", diff)
			}
		})
	}
}

func TestANameIsOneBoundedLine(t *testing.T) {
	t.Parallel()
	name, err := json.Marshal(" Maria \n da\tSilva " + strings.Repeat("x", 500))
	if err != nil {
		t.Fatal(err)
	}
	got := decode(t, fmt.Sprintf(`{"event":"messages.upsert","instance":"s","data":{"key":{"remoteJid":%q,"id":"1"},"pushName":%s,"message":{"conversation":"oi"}}}`, maria, name))
	if len(got) != 1 || !strings.HasPrefix(got[0].Name, "Maria da Silva xxx") || len(got[0].Name) > 120 {
		t.Errorf("got %+v", got)
	}
}

func TestWhatIsNotAnEventIsInvalid(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"Empty":           ``,
		"NotJSON":         `event=messages.upsert`,
		"CutOff":          `{"event":"messages.upsert","instance":"s","data":{`,
		"Array":           `[]`,
		"Null":            `null`,
		"NoEvent":         `{"instance":"s"}`,
		"NoInstance":      `{"event":"messages.upsert"}`,
		"InstanceNumber":  `{"event":"messages.upsert","instance":7}`,
		"InstanceControl": `{"event":"messages.upsert","instance":"a\u0000"}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := evolution.Decoder{}.Decode([]byte(body))
			if errs.KindOf(err) != errs.Invalid || errs.CodeOf(err) != "invalid-webhook" || got.Instance != "" {
				t.Errorf("got %v, %v, want Invalid invalid-webhook", got, err)
			}
		})
	}
}

func FuzzDecode(f *testing.F) {
	names, err := filepath.Glob("testdata/messages-*.json")
	if err != nil || len(names) == 0 {
		f.Fatalf("no seeds: %v", err)
	}
	for _, name := range names {
		f.Add(fixture(f, filepath.Base(name)))
	}
	f.Add([]byte(upsert(`{"interactiveResponseMessage":{"nativeFlowResponseMessage":{"paramsJson":"{\"id\":\"x\"}"}}}`)))
	f.Add([]byte(upsert(strings.Repeat(`{"ephemeralMessage":{"message":`, 9) + `1` + strings.Repeat(`}}`, 9))))
	f.Fuzz(func(t *testing.T, body []byte) {
		delivery, err := evolution.Decoder{}.Decode(body)
		if err != nil && errs.CodeOf(err) != "invalid-webhook" {
			t.Errorf("unexpected error %v", err)
		}
		if (delivery.Instance == "") == (err == nil) || len(delivery.Instance) > 254 {
			t.Errorf("instance %q, error %v", delivery.Instance, err)
		}
		if len(delivery.Messages) > len(body)/20 {
			t.Errorf("%d messages from %d bytes", len(delivery.Messages), len(body))
		}
		for _, m := range delivery.Messages {
			if m.ExternalID == "" || m.From == "" {
				t.Errorf("a message without identity: %+v", m)
			}
			if (m.Kind == reception.Text) != (m.Text != "") {
				t.Errorf("kind %q with text %q", m.Kind, m.Text)
			}
			if utf8.RuneCountInString(m.Text) > 4096 || utf8.RuneCountInString(m.Name) > 120 || max(len(m.ExternalID), len(m.From)) > 254 {
				t.Errorf("unbounded: %+v", m)
			}
			unfit := func(r rune) bool { return r != '\n' && unicode.IsControl(r) }
			for _, s := range []string{m.ExternalID, m.From, m.Name, m.Text} {
				if !utf8.ValidString(s) || strings.ContainsFunc(s, unfit) {
					t.Errorf("unfit to be kept: %q", s)
				}
			}
		}
	})
}
