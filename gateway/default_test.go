package gateway_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/gateway"
)

// The administration's commands and the demonstration name no test codes.
func TestGatewayWithoutTestCodesChecksTemplates(t *testing.T) {
	t.Parallel()

	store := dbtest.Open(t, dbtest.EngineSQLite)
	tenant := newTenant(t, store)
	does := gateway.New(gateway.Config{Store: store, Log: zap.NewNop()})

	wish := draft()
	wish.EnteID = tenant.ente.ID

	_, err := does.CreateTemplate(t.Context(), system(), wish)
	require.NoError(t, err)
}
