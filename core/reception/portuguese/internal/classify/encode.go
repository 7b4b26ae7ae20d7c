package classify

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"strings"
)

// magic begins a file of weights: its format and version.
const magic = "weights1\n"

var errFormat = errors.New("classify: these are no weights of this version")

// Encode returns the model as a file: magic, the labels between blanks and a line break, the scale as a float32, and a
// byte for each weight, features first.
func (m *Model) Encode() []byte {
	var b bytes.Buffer
	b.WriteString(magic)
	b.WriteString(strings.Join(m.labels, " ") + "\n")
	out := binary.LittleEndian.AppendUint32(b.Bytes(), math.Float32bits(float32(m.scale)))
	for _, w := range m.weights {
		out = append(out, byte(w)) //nolint:gosec // the same eight bits
	}
	return out
}

// Decode reads what [Model.Encode] wrote.
func Decode(file []byte) (*Model, error) {
	rest, found := bytes.CutPrefix(file, []byte(magic))
	line, rest, ended := bytes.Cut(rest, []byte("\n"))
	if !found || !ended || len(rest) < 4 {
		return nil, errFormat
	}
	m := &Model{labels: strings.Fields(string(line)), scale: float64(math.Float32frombits(binary.LittleEndian.Uint32(rest)))}
	rest = rest[4:]
	if len(m.labels) == 0 || len(rest) != Buckets*len(m.labels) {
		return nil, errFormat
	}
	m.weights = make([]int8, len(rest))
	for i, b := range rest {
		m.weights[i] = int8(b) //nolint:gosec // the same eight bits
	}
	return m, nil
}
