package temporalserver

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
)

func TestPostgresURL(t *testing.T) {
	t.Parallel()

	keeps, err := postgresOf("postgres://anna:p%40ss@db.example:5433/temporal?sslmode=disable", zap.NewNop())
	require.NoError(t, err)

	main := keeps.main()
	require.Equal(t, []string{"anna", "p@ss", "db.example:5433", "temporal"},
		[]string{main.User, main.Password, main.ConnectAddr, main.DatabaseName})
	require.Equal(t, map[string]string{"sslmode": "disable"}, main.ConnectAttributes)
	require.Equal(t, "temporal_visibility", keeps.visibility().DatabaseName)
}

func TestPostgresURLIsRefused(t *testing.T) {
	t.Parallel()

	for given, tells := range map[string]string{
		"":                                "postgres://",
		"mysql://a:segreto@h:1/temporal":  "postgres://",
		"postgres://a:segreto@h/temporal": "host and a port",
		"postgres://a:segreto@:5432/t":    "host and a port",
		"postgres://a:segreto@h:1":        "one database",
		"postgres://a:segreto@h:1/a/b":    "one database",
		"postgres://a:segreto@h:port/t":   "not a URL",
		"postgres://a:segreto@h:1/t?sslmode=disable&sslmode=require": "more than once",
	} {
		t.Run(given, func(t *testing.T) {
			t.Parallel()

			_, err := postgresOf(given, zap.NewNop())
			require.ErrorContains(t, err, tells)
			require.NotContains(t, err.Error(), "segreto")
		})
	}
}
