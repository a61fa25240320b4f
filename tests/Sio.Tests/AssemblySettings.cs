// The count of live tensors belongs to the whole process: tests that look at it must not run beside others.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
