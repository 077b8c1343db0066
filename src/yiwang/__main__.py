"""`python -m yiwang`: the operator's commands."""

from yiwang.site.cli import main

if __name__ == "__main__":
    main()
