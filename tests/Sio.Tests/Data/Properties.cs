using FsCheck;
using FsCheck.Fluent;
using Sio.Data;

namespace Sio.Tests.Data;

/// <summary>Property tests and the faults that every reader has to stand.</summary>
internal static class Properties
{
    /// <summary>Runs <paramref name="body"/> on random cases; a failed assertion reports the case.</summary>
    public static void ForAll<T>(Gen<T> cases, Action<T> body, int count = 200) =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(count), Prop.ForAll(cases.ToArbitrary(), body));

    /// <summary>Every proper beginning of a file must give one clear line.</summary>
    public static void RefusesEveryTruncation(byte[] file, Action<Stream> read)
    {
        read(new MemoryStream(file));
        for (var length = 0; length < file.Length; length++)
        {
            var error = Assert.Throws<DataException>(() => read(new MemoryStream(file, 0, length)));
            Assert.DoesNotContain('\n', error.Message);
        }
    }

    /// <summary>With any bytes changed a file is either read or refused with a <see cref="DataException"/>.</summary>
    public static void SurvivesMutations(byte[] file, Action<Stream> read)
    {
        var change = Gen.Choose(0, file.Length - 1).SelectMany(at => Gen.Choose(0, 255).Select(value => (At: at, Value: (byte)value)));
        var changes = Gen.Choose(1, 4).SelectMany(n => Gen.ArrayOf(change, n));
        ForAll(changes, list =>
        {
            var copy = (byte[])file.Clone();
            foreach (var (at, value) in list)
                copy[at] = value;
            try
            {
                read(new MemoryStream(copy));
            }
            catch (DataException e)
            {
                Assert.DoesNotContain('\n', e.Message);
            }
        }, 1000);
    }
}
