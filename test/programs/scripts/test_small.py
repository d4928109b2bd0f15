"""A small suite: passes, failures, errors, skips, subtests."""
import unittest
from unittest import mock

import child


class Small(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.n = 3

    def test_count(self):
        self.assertEqual(child.count(self.n), 3)

    def test_fails(self):
        self.assertEqual({"a": 1, "b": [1, 2]}, {"a": 1, "b": [1, 3]})

    def test_errors(self):
        self.nothing

    @unittest.skip("not now")
    def test_skipped(self):
        raise AssertionError

    @unittest.expectedFailure
    def test_expected(self):
        self.assertTrue(False)

    def test_subtests(self):
        for n in range(4):
            with self.subTest(n=n):
                self.assertNotEqual(n, 2)

    def test_mock(self):
        with mock.patch("child.count", return_value=7) as count:
            self.assertEqual(child.count(1), 7)
        count.assert_called_once_with(1)
        with self.assertRaisesRegex(TypeError, "not callable"):
            3()
        with self.assertWarns(DeprecationWarning):
            import warnings

            warnings.warn("old", DeprecationWarning)


class Asynchronous(unittest.IsolatedAsyncioTestCase):
    async def test_await(self):
        import asyncio

        self.assertEqual(await asyncio.sleep(0, 5), 5)


if __name__ == "__main__":
    unittest.main()
