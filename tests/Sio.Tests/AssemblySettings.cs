// The count of live tensors belongs to the whole process: tests that look at it must not run beside others.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]
