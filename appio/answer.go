package appio

import (
	"context"
	"encoding/json"
	"io"
	"mime"
	"net/http"
)

// maxAnswerBytes is room for a message's status, which repeats the whole message: 10,000 UTF-16 code units of
// markdown, at worst escaped in six bytes each, and as much again for the rest.
const maxAnswerBytes = 256 << 10

// maxListBytes is room for a page of services with the longest descriptions that anybody writes, which IO does not bound.
const maxListBytes = 4 << 20

// mostBytesOf is how much of an answer is read.
func mostBytesOf(asked operation) int64 {
	if asked == listServices {
		return maxListBytes
	}

	return maxAnswerBytes
}

// answer is what came back.
type answer struct {
	operation operation
	status    int
	header    http.Header
	body      []byte
	// fault says why the body is missing or cut; nil where it is whole.
	fault error
}

// readAnswer reads the body to its end, so that the connection can serve the next call, but gives up both at
// the limit.
func readAnswer(ctx context.Context, response *http.Response, most int64) ([]byte, error) {
	defer func() { _ = response.Body.Close() }() // nothing more is wanted of it

	if response.StatusCode < http.StatusOK {
		return nil, ErrAnswerMalformed // 101 gives the bare connection for a body: reading it could wait for ever
	}

	content, err := io.ReadAll(io.LimitReader(response.Body, most+1))
	if err != nil {
		return nil, networkFault(ctx, err)
	}

	if int64(len(content)) > most {
		return nil, ErrAnswerTooLarge
	}

	return content, nil
}

// decode reads the body as JSON into target.
func (a answer) decode(target any) error {
	if a.fault != nil {
		return a.fault
	}

	err := json.Unmarshal(a.body, target)
	if err != nil {
		return ErrAnswerMalformed // the decoder's error quotes what it could not read
	}

	return nil
}

// problemJSON is IO's form of an error, without the detail, which repeats what was submitted.
type problemJSON struct {
	Title  string `json:"title"`
	Status int    `json:"status"`
}

// problem gives the body as IO's own error, and whether it is one: only IO's functions answer with problem+json
// and repeat the status in it. Whatever stands between us and them answers in other forms: the API gateway with
// {"statusCode","message"}, proxies with HTML.
func (a answer) problem() (problemJSON, bool) {
	mediaType, _, err := mime.ParseMediaType(a.header.Get("Content-Type"))
	if err != nil || mediaType != "application/problem+json" {
		return problemJSON{}, false
	}

	var problem problemJSON

	err = a.decode(&problem)
	if err != nil || problem.Status != a.status {
		return problemJSON{}, false
	}

	return problem, true
}
