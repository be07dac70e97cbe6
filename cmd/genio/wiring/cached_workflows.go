package wiring

import sdk "go.temporal.io/sdk/worker"

// CachedWorkflows bounds how many open workflows a worker process keeps in memory. Those beyond it are read again from Temporal
// when they go on, which costs less than the memory of the thousands that only wait.
type CachedWorkflows struct {
	//nolint:lll // a tag has one line
	Count int `default:"1000" env:"GENIO_WORKER_CACHED_WORKFLOWS" help:"How many open workflows the worker keeps in memory, of about 60 KB each." name:"cached-workflows"`
}

// Apply has to be called before any worker of the process is made.
func (c CachedWorkflows) Apply() { sdk.SetStickyWorkflowCacheSize(c.Count) }
