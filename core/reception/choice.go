package reception

// Topic is what a message asks about that is no intent of its own.
type Topic string

// The topics. Of most of them the records know nothing, and then a person is offered: nothing is invented.
const (
	NoTopic      Topic = ""
	AskAddress   Topic = "address"   // "onde fica?"
	AskPayment   Topic = "payment"   // "aceitam cartão?"
	AskInsurance Topic = "insurance" // "atende Unimed?"
	AskAssistant Topic = "assistant" // "você é um robô?"
	AskMedical   Topic = "medical"   // wants a diagnosis, a medicine or an exam explained
	AskPractical Topic = "practical" // documents, results, parking and the like
)

// Pick is a choice from a list in words.
type Pick string

// The choices.
const (
	NoPick   Pick = ""
	Earliest Pick = "earliest" // "o mais cedo"
	Last     Pick = "last"     // "o último"
	Any      Pick = "any"      // "qualquer um", "tanto faz"
)

// Shift is a wish relative to the slots that were offered.
type Shift string

// The shifts.
const (
	NoShift  Shift = ""
	Later    Shift = "later"     // "mais tarde"
	Earlier  Shift = "earlier"   // "mais cedo"
	OtherDay Shift = "other_day" // "outro dia"
	More     Shift = "more"      // "mais opções"
)

// Datum is one of the patient's data that a message says is wrong.
type Datum string

// The data.
const (
	NoDatum        Datum = ""
	NameDatum      Datum = "name"
	BirthDateDatum Datum = "birth_date"
	PhoneDatum     Datum = "phone"
)
