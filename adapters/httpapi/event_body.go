package httpapi

import (
	"fmt"
	"strconv"

	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/jsonobj"
)

// alone is the place of an event that is the whole body.
const alone = -1

// eventReader reads the body of an event or of a batch in one pass. It refuses what huma's validation would: unknown
// members, wrong types, and anything after the value. Of a member that is there twice the last counts, and null is as good
// as left out.
type eventReader struct {
	*jsonobj.Reader
	flaw    error // the first thing that has no place in such a body
	data    error // what is wrong with the data of the first event whose data is not good
	suspect bool  // some data was not good, though another may have taken its place
}

// readEvents copies the body, which is in a buffer that is used again. The events share the copy.
func readEvents(raw []byte) eventReader {
	return eventReader{Reader: jsonobj.NewReader(string(raw))}
}

// decodeEvent reads the body {"name": ..., "data": {...}}.
func decodeEvent(raw []byte) (conference.EventParams, error) {
	r := readEvents(raw)
	p := r.event(alone)
	if err := r.end(raw); err != nil {
		return conference.EventParams{}, err
	}
	return p, r.data
}

// decodeEvents reads the body {"events": [...]}.
func decodeEvents(raw []byte) ([]conference.EventParams, error) {
	r := readEvents(raw)
	var (
		params []conference.EventParams
		count  int
	)
	if r.wants('{', alone, "") {
		for name := range r.Members {
			if name != "events" {
				r.unknown(alone)
				continue
			}
			params, count = r.events(len(raw))
		}
	}
	if err := r.end(raw); err != nil {
		return nil, err
	}
	if count == 0 || count > conference.MaxBatch {
		return nil, errs.InvalidField("body.events", "must be 1 to "+strconv.Itoa(conference.MaxBatch)+" events")
	}
	if r.data != nil {
		return nil, r.data
	}
	return params, nil
}

// events reads the list, which may be too long: it returns how many there are, but not those beyond the bound. size is the
// body's.
func (r *eventReader) events(size int) (params []conference.EventParams, count int) {
	r.data = nil
	if !r.wants('[', alone, ".events") {
		return nil, 0
	}
	const short = 64 // bytes of an event: of longer ones some room is left over
	params = make([]conference.EventParams, 0, min(size/short+1, conference.MaxBatch))
	for i := range r.Items {
		p := r.event(i)
		if i < conference.MaxBatch {
			params = append(params, p)
		}
		count++
	}
	return params, count
}

// event reads one, in the i-th place of a list or alone.
func (r *eventReader) event(i int) conference.EventParams {
	var (
		p    conference.EventParams
		flaw error
	)
	if !r.wants('{', i, "") {
		return p
	}
	for name := range r.Members {
		switch name {
		case "name":
			if r.wants('"', i, ".name") {
				p.Name = r.Text()
			}
		case "data":
			p.Data, flaw = r.Object()
			r.suspect = r.suspect || flaw != nil
		default:
			r.unknown(i)
		}
	}
	if flaw != nil && r.data == nil {
		var c errs.Check
		c.Note(placeOf(i)+".data", flaw)
		r.data = c.Err()
	}
	return p
}

// wants reports whether what comes next begins so. Otherwise it passes over it, and notes it as wrong unless it is null.
func (r *eventReader) wants(kind byte, i int, member string) bool {
	next := r.Next()
	if next == kind {
		return true
	}
	if next != 'n' && r.flaw == nil {
		r.flaw = wrongType(placeOf(i) + member)
	}
	r.Skip()
	return false
}

func wrongType(place string) error {
	if place == "body" {
		return errs.InvalidField(place, "must be a JSON object")
	}
	return errs.InvalidField(place, "is of the wrong type or out of range")
}

func (r *eventReader) unknown(i int) {
	if r.flaw == nil {
		r.flaw = errs.InvalidField(placeOf(i), "has an unknown member")
	}
	r.Skip()
}

func placeOf(i int) string {
	if i == alone {
		return "body"
	}
	return "body.events[" + strconv.Itoa(i) + "]"
}

// end refuses a body that is not as it should be, but for its data. What was read without a flaw is in valid UTF-8 and
// nowhere deep, so that checkJSON need not look at it.
func (r *eventReader) end(raw []byte) error {
	at, broken := r.Broken()
	more := !broken && !r.End()
	if !broken && !more && r.flaw == nil && !r.suspect {
		return nil
	}
	if err := checkJSON(raw); err != nil {
		return err
	}
	switch {
	case broken && at == len(raw):
		return invalidJSON("the body is not valid JSON: it ends too early")
	case broken:
		return invalidJSON(fmt.Sprintf("the body is not valid JSON, at byte %d", at+1))
	case r.flaw != nil:
		return r.flaw
	case more:
		return invalidJSON("the body is not valid JSON: it goes on after its end")
	}
	return nil
}
