package vectors

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A value of the corpus is nil, bool, int64 or uint64 (only where it is beyond int64), float64, string, []any or
// *object.

// object is a map whose members keep their order.
type object struct {
	names  []string
	values map[string]any
}

func (o *object) get(name string) (any, bool) {
	if o == nil {
		return nil, false
	}
	value, found := o.values[name]
	return value, found
}

// parseJSON reads one value. A doubled member is an error; a number with a point or an exponent is a float, any other
// an integer.
func parseJSON(text []byte) (any, error) {
	if !utf8.Valid(text) {
		return nil, errors.New("not UTF-8")
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	value, err := parseValue(decoder)
	if err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, errors.New("text after the value")
	}
	return value, nil
}

func parseValue(decoder *json.Decoder) (any, error) {
	token, err := decoder.Token()
	if err != nil {
		return nil, err
	}
	switch token := token.(type) {
	case json.Number:
		return parseNumber(string(token))
	case json.Delim:
		if token == '[' {
			return parseList(decoder)
		}
		return parseObject(decoder)
	default:
		return token, nil
	}
}

func parseList(decoder *json.Decoder) (any, error) {
	items := []any{}
	for decoder.More() {
		item, err := parseValue(decoder)
		if err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	_, err := decoder.Token()
	return items, err
}

func parseObject(decoder *json.Decoder) (any, error) {
	found := &object{values: map[string]any{}}
	for decoder.More() {
		token, err := decoder.Token()
		if err != nil {
			return nil, err
		}
		name, _ := token.(string)
		value, err := parseValue(decoder)
		if err != nil {
			return nil, err
		}
		if _, doubled := found.values[name]; doubled {
			return nil, fmt.Errorf("`%s` is there twice", name)
		}
		found.names = append(found.names, name)
		found.values[name] = value
	}
	_, err := decoder.Token()
	return found, err
}

func parseNumber(text string) (any, error) {
	if strings.ContainsAny(text, ".eE") {
		return strconv.ParseFloat(text, 64)
	}
	if number, err := strconv.ParseInt(text, 10, 64); err == nil {
		return number, nil
	}
	return strconv.ParseUint(text, 10, 64)
}

// writeJSON writes a value as JSON that reads back as itself.
func writeJSON(value any, out *bytes.Buffer) error {
	switch value := value.(type) {
	case float64:
		text := strconv.FormatFloat(value, 'g', -1, 64)
		if !strings.ContainsAny(text, ".e") {
			text += ".0"
		}
		out.WriteString(text)
	case []any:
		out.WriteByte('[')
		for index, item := range value {
			if index > 0 {
				out.WriteByte(',')
			}
			if err := writeJSON(item, out); err != nil {
				return err
			}
		}
		out.WriteByte(']')
	case *object:
		out.WriteByte('{')
		for index, name := range value.names {
			if index > 0 {
				out.WriteByte(',')
			}
			if err := writeJSON(name, out); err != nil {
				return err
			}
			out.WriteByte(':')
			if err := writeJSON(value.values[name], out); err != nil {
				return err
			}
		}
		out.WriteByte('}')
	default:
		text, err := json.Marshal(value)
		if err != nil {
			return err
		}
		out.Write(text)
	}
	return nil
}

// canonical appends the canonical bytes of a value: the same in every language.
func canonical(value any, out []byte) []byte {
	switch value := value.(type) {
	case nil:
		return append(out, 'n')
	case bool:
		if value {
			return append(out, 't')
		}
		return append(out, 'F')
	case int64:
		return fmt.Appendf(out, "i%d;", value)
	case uint64:
		return fmt.Appendf(out, "i%d;", value)
	case float64:
		var bits [8]byte
		binary.BigEndian.PutUint64(bits[:], math.Float64bits(value))
		return hex.AppendEncode(append(out, 'f'), bits[:])
	case string:
		return append(fmt.Appendf(out, "s%d:", len(value)), value...)
	case []any:
		out = append(out, '[')
		for _, item := range value {
			out = canonical(item, out)
		}
		return append(out, ']')
	case *object:
		return canonicalMap(value.values, out)
	case map[string]any:
		return canonicalMap(value, out)
	default:
		panic(fmt.Sprintf("%T has no canonical bytes", value))
	}
}

func canonicalMap(values map[string]any, out []byte) []byte {
	names := make([]string, 0, len(values))
	for name := range values {
		names = append(names, name)
	}
	slices.Sort(names)
	out = append(out, '{')
	for _, name := range names {
		out = canonical(name, out)
		out = canonical(values[name], out)
	}
	return append(out, '}')
}

// same compares: floats bit for bit, an integer never equal to a float.
func same(left, right any) bool {
	return bytes.Equal(canonical(left, nil), canonical(right, nil))
}

// show is a value as a person reads it.
func show(value any) string { return string(canonical(value, nil)) }

// valueOf is a status as a value, with its members named by their json tags, so that a member that the Go type lacks,
// or has as another type, shows in the digest.
func valueOf(status any) any { return reflected(reflect.ValueOf(status)) }

func reflected(status reflect.Value) any {
	if text, ok := status.Interface().(interface{ MarshalText() ([]byte, error) }); ok {
		name, _ := text.MarshalText()
		return string(name)
	}
	switch status.Kind() {
	case reflect.Bool:
		return status.Bool()
	case reflect.Uint32, reflect.Uint64:
		return status.Uint()
	case reflect.Float64:
		return status.Float()
	case reflect.String:
		return status.String()
	case reflect.Pointer:
		if status.IsNil() {
			return nil
		}
		return reflected(status.Elem())
	case reflect.Slice:
		items := []any{}
		for index := range status.Len() {
			items = append(items, reflected(status.Index(index)))
		}
		return items
	case reflect.Map:
		fields := map[string]any{}
		for entries := status.MapRange(); entries.Next(); {
			fields[entries.Key().String()] = reflected(entries.Value())
		}
		return fields
	case reflect.Struct:
		fields := map[string]any{}
		for index := range status.NumField() {
			fields[status.Type().Field(index).Tag.Get("json")] = reflected(status.Field(index))
		}
		return fields
	default:
		panic(fmt.Sprintf("%s has no value", status.Type()))
	}
}
