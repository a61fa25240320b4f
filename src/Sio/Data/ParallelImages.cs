using System.Runtime.ExceptionServices;

namespace Sio.Data;

/// <summary>The same work for each of many images, several at a time. What fails does not depend on the threads either: of several images the first is told.</summary>
internal static class ParallelImages
{
    /// <summary>Does the work.</summary>
    /// <param name="count">Images.</param>
    /// <param name="threads">Images at a time; 1 works on the calling thread alone.</param>
    /// <param name="work">Is given each index once.</param>
    /// <param name="cancellation">Stops between images.</param>
    /// <exception cref="Exception">What the work threw for the first image that failed.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    internal static void For(int count, int threads, Action<int> work, CancellationToken cancellation = default)
    {
        if (threads <= 1 || count <= 1)
        {
            for (var i = 0; i < count; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                work(i);
            }

            return;
        }

        var failure = (Index: int.MaxValue, Error: (ExceptionDispatchInfo?)null);
        var gate = new Lock();
        Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation }, (i, state) =>
        {
            try
            {
                work(i);
            }
#pragma warning disable CA1031 // thrown again below
            catch (Exception error)
#pragma warning restore CA1031
            {
                lock (gate)
                {
                    if (i < failure.Index)
                        failure = (i, ExceptionDispatchInfo.Capture(error));
                }

                state.Break(); // those before this one are still tried
            }
        });
        failure.Error?.Throw();
    }
}
