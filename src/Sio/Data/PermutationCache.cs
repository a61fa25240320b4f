namespace Sio.Data;

/// <summary>
/// The numbered permutations of one source. Each depends on nothing but seed, source and number, so any of them can be
/// had at any time; the last two are kept, because a batch may end one and begin the next. Safe for several threads.
/// </summary>
internal sealed class PermutationCache(long seed, string use, int count)
{
    private readonly Lock _lock = new();
    private (long Number, int[] Values) _last = (-1, []);
    private (long Number, int[] Values) _older = (-1, []);

    public int[] Get(long number)
    {
        lock (_lock)
        {
            if (_last.Number == number)
                return _last.Values;
            var found = _older.Number == number
                ? _older
                : (number, RandomStream.For(seed, use, number).Permutation(count));
            (_older, _last) = (_last, found);
            return found.Item2;
        }
    }
}
