"""Staff accounts: the login and its second step, sessions that can be seen and ended, passwords by mail.

Who may do what in a project is `projects.access`; here is only whether somebody is who they say they are.
"""
