"""Repositories on disk, read through the git command line: never written to, nothing fetched, nobody asked.

Names reach git only after `naming` let them, paths only after `places` did. Who reads when: `releases.commits`.
"""
