package server_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// BenchmarkUnknownFields answers requests with more and more fields that the contract does not know. From 200 on the
// body is refused before it is validated.
func BenchmarkUnknownFields(b *testing.B) {
	for _, count := range []int{10, 100, 193, 5000} {
		b.Run(strconv.Itoa(count), func(b *testing.B) {
			body := []byte(strings.Replace(validBody, `"priority"`, names(count)+`"priority"`, 1))
			site := newTarget(b)

			b.ReportAllocs()

			for b.Loop() {
				answered, _ := site.post(b, body, "")
				require.GreaterOrEqual(b, answered.Code, http.StatusBadRequest)
			}
		})
	}
}
