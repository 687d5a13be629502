"""The stack in the account, made, changed and taken away with CloudFormation. For an administrator, not for the instance."""
